#!/usr/bin/env python3
"""Times the trainer beside the same models in PyTorch (baseline.py), in turns within one run, and prints a table.

    tests/bench/train/compare.py --trainer build/dev/bin/latent-canvas-train --python /usr/bin/python3
    tests/bench/train/compare.py --trainer build/gpu/bin/latent-canvas-train --device cuda --batches 128,1024,8192 \\
        --cases mlp-vae,conv-vae,dcgan --modes resident,loader,graph,compile --precision tf32,bf16
    tests/bench/train/compare.py --trainer build/dev/bin/latent-canvas-train --python /usr/bin/python3 --check

A figure is the median of intervals of so many steps, in images per second; both sides keep a moving average of
the weights. The trainer's intervals are those between lines of its metrics.jsonl, the first left out. A twin whose
networks have other numbers of parameters than the trainer's ends the run; --check compares the arithmetic of a step
too, looks for families without a twin, and times nothing.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ARITHMETIC_TOLERANCE = 0.02  # of what only one side computes: an output that the step does not read
COUNTED_STEPS = 10  # as the trainer's bench has it


class TwinDiffers(Exception):
    pass


def case(model, *options, images=60000, cost=1):
    """`options` are given to both sides; `images`: of the training set; `cost`: of a step, conv-vae's being
    about 1."""
    return dict(model=model, options=list(options), images=images, cost=cost)


# Every family at its defaults, but where they make the work depend on the losses or on the time.
CASES = {
    "mlp-vae": case("vae", "net=mlp", cost=0.25),
    "ae": case("ae"),
    "conv-vae": case("vae"),
    "beta-vae": case("beta-vae"),
    "cvae": case("cvae", cost=0.25),
    "gan": case("gan"),
    "gan1d": case("gan1d", images=10000, cost=0.1),
    "painters": case("painters", images=10000, cost=0.1),
    "label-gan": case("label-gan", cost=2),
    "dcgan": case("dcgan", cost=2),
    "improved-gan": case("improved-gan", cost=3),
    "cgan": case("cgan", cost=3),
    "acgan": case("acgan", cost=2),
    "infogan": case("infogan", cost=2),
    "latent-prior-gan": case("latent-prior-gan", "encoder_share=0.01", cost=2),  # the game
    "wgan": case("wgan", cost=2),
    "wgan-gp": case("wgan-gp", cost=2),
    "began": case("began", cost=4),
    "progan": case("progan", cost=8),
    "cyclegan": case("cyclegan", cost=8),
    "vaegan": case("vaegan", "margin=100", cost=3),  # both players always move
    "vae-gan-hybrid": case("vae-gan-hybrid", cost=4),
    "cppn": case("cppn", "d_above=0", "g_below=100", cost=8),  # so does the discriminator
    "classifier": case("classifier", cost=2),
    "dcgan-64": case("dcgan", "width=64", cost=8),
}


def trainer_command(args, case, batch, options):
    entry = CASES[case]
    command = [args.trainer, "--model", entry["model"], "--device", args.device, "--batch-size", str(batch),
               "--threads", str(args.threads)]
    return command + [word for option in entry["options"] + options for word in ("--set", option)]


def output_of(command):
    """What it wrote to stdout and to stderr, and what went wrong."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    problem = (done.stderr.strip().splitlines() or ["it said nothing"])[-1] if done.returncode != 0 else None
    return done.stdout, done.stderr, problem


def trainer_parameters(args, case):
    """Their number, by network."""
    _, text, problem = output_of(trainer_command(args, case, 128, []) + ["--dry-run"])
    if problem:
        raise SystemExit(f"compare: {case}: {problem}")
    return {name: int(count) for name, count in re.findall(r"^  (\w+): (\d+) parameters$", text, re.MULTILINE)}


def compare_parameters(case, ours, theirs):
    if ours != theirs:
        raise TwinDiffers(f"{case}: the trainer's networks have the parameters {ours}, those of the twin {theirs}. "
                          f"Bring the class of {CASES[case]['model']} in tests/bench/train/twins up to date.")


def check(args, case):
    """Whether both sides do the same work, by parameters and by the multiply-adds of the first steps; one line."""
    batch, total = 128, COUNTED_STEPS
    images = total * batch
    result, problems = baseline_results(args, case, "fp32", [("work", batch, total)], images, intervals=0)
    text, _, problem = output_of(
        [args.trainer, "bench", *trainer_command(args, case, batch, [f"train_images={images}", "epochs=1"])[1:],
         "--seconds", "0.1", "--json"])
    if problems or problem:
        raise TwinDiffers(f"{case}: {problem or problems[0]}")
    theirs = result["work", batch]
    compare_parameters(case, trainer_parameters(args, case), theirs["parameters"])
    ours = json.loads(text)["gflop_per_step"] * 1e9 / 2
    ratio = ours / theirs["multiply_adds"]
    if abs(ratio - 1) > ARITHMETIC_TOLERANCE:
        raise TwinDiffers(f"{case}: a step of the trainer has {ours:.4g} multiply-adds, one of the twin "
                          f"{theirs['multiply_adds']:.4g}, {ratio:.3f} times as many: expected the same within "
                          f"{ARITHMETIC_TOLERANCE:.0%}. Compare the step in tests/bench/train/twins with that in "
                          "native/train/models.")
    return f"{case}: the same networks, {ratio:.4f} times the arithmetic"


def check_families(args):
    """That there is a case for every family of the trainer's registry."""
    text, _, problem = output_of([args.trainer, "models", "--json"])
    if problem:
        raise SystemExit(f"compare: models: {problem}")
    missing = {entry["name"] for entry in json.loads(text)} - {entry["model"] for entry in CASES.values()}
    if missing:
        raise TwinDiffers(f"no twin of {', '.join(sorted(missing))}. Add a class to tests/bench/train/twins and its "
                          "FAMILIES, and a line to CASES.")


def train_images(args, case, batch, steps):
    """As many as the steps need, so that a run is one pass; no more than there are."""
    most = CASES[case]["images"]
    return min(args.images or most, most, max(batch, steps * (args.intervals + 1) * batch))


def trainer_seconds(args, case, batch, precision, steps):
    """Seconds of each interval of `steps` steps."""
    images = train_images(args, case, batch, steps)
    epochs = -(-steps * (args.intervals + 1) // (images // batch))
    with tempfile.TemporaryDirectory() as folder:
        options = [f"log_every={steps}", "sample_every=1000000000", "save_seconds=86400", "timeline=0",
                   "eval_images=64", "grid=1", f"graph_steps={args.graph_steps}", f"train_images={images}",
                   f"epochs={epochs}"]
        *_, problem = output_of(trainer_command(args, case, batch, options) + [
            "--precision", precision, "--quiet", "--out", os.path.join(folder, "run")])
        if problem:
            return None, [problem]
        with open(os.path.join(folder, "run", "metrics.jsonl")) as file:
            lines = [json.loads(line) for line in file]
    lines = [line for line in lines if "seconds" in line and line["iteration"] % steps == 0]
    return [b["seconds"] - a["seconds"] for a, b in zip(lines, lines[1:])][: args.intervals], None


def baseline_results(args, case, precision, jobs, images, intervals, extra=()):
    """A twin's result lines by (mode, batch), and what went wrong. `jobs`: (mode, batch, steps)."""
    command = [args.python, os.path.join(HERE, "baseline.py"), "--model", CASES[case]["model"], "--device", args.device,
               "--precision", precision, "--jobs", ",".join(":".join(map(str, job)) for job in jobs), "--intervals",
               str(intervals), "--threads", str(args.threads), "--images", str(images), *extra]
    command += [word for option in CASES[case]["options"] for word in ("--set", option)]
    text, _, problem = output_of(command)
    results = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    problems = [f"{r['mode']} at {r['batch']}: {r['problem']}" for r in results if "problem" in r]
    return {(r["mode"], r["batch"]): r for r in results if "problem" not in r}, problems + [problem] * bool(problem)


def steps_for(args, case, batch):
    """Steps of an interval: about as much work whatever the batch, and enough steps to hide the clock; on a GPU whole
    graphs, and as many for every case."""
    images = args.steps * batch if args.steps else 40960
    cost, least = (1, args.graph_steps) if args.device == "cuda" else (CASES[case]["cost"], 4)
    return max(least, min(320, int(images / batch / cost) // least * least))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--batches", default="128")
    parser.add_argument("--modes", default="resident")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=0, help="in an interval, for a case of cost 1; 0: by the batch")
    parser.add_argument("--intervals", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2, help="turns that each side takes")
    parser.add_argument("--images", type=int, default=0, help="training images; 0: all")
    parser.add_argument("--graph-steps", type=int, default=16, help="on a GPU, 1 or more")
    parser.add_argument("--table", help="also write the table here")
    parser.add_argument("--check", action="store_true", help="compare the work of both sides, and time nothing")
    args = parser.parse_args()
    env = os.environ
    env.setdefault("OMP_NUM_THREADS", str(args.threads))
    cases, modes = args.cases.split(","), args.modes.split(",")
    if args.check:
        check_families(args)
        for case in cases:
            print(check(args, case), flush=True)
        return
    rows = ["| model | batch | precision | ours, images/s | " +
            " | ".join(f"{mode}, images/s | ratio" for mode in modes) + " |",
            "| --- | ---: | --- | ---: |" + " ---: | ---: |" * len(modes)]
    print("\n".join(rows), flush=True)
    batches = [int(batch) for batch in args.batches.split(",")]
    for case in cases:
        parameters = trainer_parameters(args, case)
        steps = {batch: steps_for(args, case, batch) for batch in batches}
        for precision in args.precision.split(","):
            ours, theirs, notes = {}, {}, []
            jobs = [(mode, batch, steps[batch]) for batch in batches for mode in modes]
            images = max(train_images(args, case, batch, steps[batch]) for batch in batches)
            for turn in range(args.rounds):
                for batch in batches:
                    seconds, problem = trainer_seconds(args, case, batch, precision, steps[batch])
                    ours.setdefault(batch, []).extend(seconds or [])
                    notes += problem or []
                extra = []
                if args.device == "cpu" and turn % 2:
                    extra = ["--foreach"]  # the two kinds of Adam take turns
                if args.device == "cuda" and precision != "fp32" and CASES[case]["model"] == "dcgan":
                    extra = ["--channels-last"]
                found, problems = baseline_results(args, case, precision, jobs, images, args.intervals, extra)
                for key, result in found.items():
                    compare_parameters(case, parameters, result["parameters"])
                    theirs.setdefault(key, []).append(result["seconds"])
                notes += problems
            for batch in batches:
                rate = lambda seconds: steps[batch] * batch / statistics.median(seconds) if seconds else None
                mine = rate(ours[batch])
                cells = [case, str(batch), precision, f"{mine:,.0f}" if mine else "failed"]
                for mode in modes:
                    # The better of the baseline's turns.
                    other = max((rate(turn) for turn in theirs.get((mode, batch), [])), default=None)
                    cells.append(f"{other:,.0f}" if other else "failed")
                    cells.append(f"{mine / other:.2f}" if mine and other else "")
                rows.append("| " + " | ".join(cells) + " |")
                print(rows[-1], flush=True)
            for note in notes:
                print(f"{case} {precision}: {note}", file=sys.stderr, flush=True)
    if args.table:
        with open(args.table, "w") as file:
            file.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    try:
        main()
    except TwinDiffers as difference:
        sys.exit(f"compare: {difference}")
