#!/usr/bin/env python3
"""Times the trainer beside the same models in PyTorch (baseline.py), in turns within one run, and prints a table.

    tests/bench/train/compare.py --trainer build/dev/bin/latent-canvas-train --python /usr/bin/python3
    tests/bench/train/compare.py --trainer build/gpu/bin/latent-canvas-train --device cuda --batches 128,1024,8192 \\
        --cases mlp-vae,conv-vae,dcgan --modes resident,loader,graph,compile --precision tf32,bf16

A figure is the median of intervals of so many steps, in images per second; both sides keep a moving average of
the weights. The trainer's intervals are those between lines of its metrics.jsonl, the first left out.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# What the trainer is asked for; width is that of baseline.py. `small`: overhead weighs more than arithmetic.
CASES = {
    "mlp-vae": dict(model="vae", options=["net=mlp", "hidden=400", "layers=1", "latent_size=20"]),
    "conv-vae": dict(model="vae", options=["net=conv", "width=32", "latent_size=20"]),
    "dcgan": dict(model="dcgan", options=["width={width}"]),
    "gan": dict(model="gan", options=["hidden=400"]),
    "gan1d": dict(model="gan1d", options=["r1=0", "d_steps=1", "prior=uniform"], images=10000),
    "painters": dict(model="painters", options=[], images=10000),
    "wgan-gp": dict(model="wgan-gp", options=["width={width}"]),
}


def trainer_seconds(args, case, batch, precision, steps):
    """Seconds of each interval of `steps` steps."""
    entry = CASES[case]
    total = steps * (args.intervals + 1)
    count = entry.get("images", 60000) // batch
    epochs = -(-total // count)
    with tempfile.TemporaryDirectory() as folder:
        options = [o.format(width=args.width) for o in entry["options"]] + [
            f"log_every={steps}", "sample_every=1000000000", "save_seconds=86400", "timeline=0", "eval_images=64",
            "grid=1", f"graph_steps={args.graph_steps}"]
        if args.images and "images" not in entry:
            options.append(f"train_images={args.images}")
            epochs = -(-total // (args.images // batch))
        command = [args.trainer, "--model", entry["model"], "--device", args.device, "--precision", precision,
                   "--batch-size", str(batch), "--epochs", str(epochs), "--threads", str(args.threads), "--quiet",
                   "--out", os.path.join(folder, "run")]
        for option in options:
            command += ["--set", option]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            return None, done.stderr.strip().splitlines()[-1:]
        with open(os.path.join(folder, "run", "metrics.jsonl")) as file:
            lines = [json.loads(line) for line in file]
    lines = [line for line in lines if "seconds" in line and line["iteration"] % steps == 0]
    return [b["seconds"] - a["seconds"] for a, b in zip(lines, lines[1:])][: args.intervals], None


def baseline_seconds(args, case, precision, jobs, extra=()):
    """Seconds of each interval by (mode, batch), and what went wrong. `jobs`: (mode, batch, steps)."""
    command = [args.python, os.path.join(HERE, "baseline.py"), "--model", case, "--device", args.device, "--precision",
               precision, "--jobs", ",".join(":".join(map(str, job)) for job in jobs), "--intervals",
               str(args.intervals), "--threads", str(args.threads), "--width", str(args.width), "--images",
               str(max(args.images or CASES[case].get("images", 60000), max(batch for _, batch, _ in jobs))), *extra]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    problems = [f"{r['mode']} at {r['batch']}: {r['problem']}" for r in results if "problem" in r]
    if done.returncode != 0:
        problems += done.stderr.strip().splitlines()[-1:]
    return {(r["mode"], r["batch"]): r["seconds"] for r in results if "seconds" in r}, problems


def steps_for(args, batch):
    """Steps of an interval: about as many images whatever the batch, and enough steps to hide the clock."""
    if args.steps:
        return args.steps
    return max(16, min(320, 40960 // batch // 16 * 16))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainer", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--batches", default="128")
    parser.add_argument("--modes", default="resident")
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=0, help="in an interval; 0: by the batch")
    parser.add_argument("--intervals", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=2, help="turns that each side takes")
    parser.add_argument("--images", type=int, default=0, help="training images; 0: all")
    parser.add_argument("--graph-steps", type=int, default=16)
    parser.add_argument("--table", help="also write the table here")
    args = parser.parse_args()
    env = os.environ
    env.setdefault("OMP_NUM_THREADS", str(args.threads))
    modes = args.modes.split(",")
    rows = ["| model | batch | precision | ours, images/s | " +
            " | ".join(f"{mode}, images/s | ratio" for mode in modes) + " |",
            "| --- | ---: | --- | ---: |" + " ---: | ---: |" * len(modes)]
    print("\n".join(rows), flush=True)
    batches = [int(batch) for batch in args.batches.split(",")]
    for case in args.cases.split(","):
        for precision in args.precision.split(","):
            ours, theirs, notes = {}, {}, []
            jobs = [(mode, batch, steps_for(args, batch)) for batch in batches for mode in modes]
            for turn in range(args.rounds):
                for batch in batches:
                    seconds, problem = trainer_seconds(args, case, batch, precision, steps_for(args, batch))
                    ours.setdefault(batch, []).extend(seconds or [])
                    notes += problem or []
                extra = []
                if args.device == "cpu" and turn % 2:
                    extra = ["--foreach"]  # the two kinds of Adam take turns
                if args.device == "cuda" and precision != "fp32" and case == "dcgan":
                    extra = ["--channels-last"]
                found, problems = baseline_seconds(args, case, precision, jobs, extra)
                for key, seconds in found.items():
                    theirs.setdefault(key, []).append(seconds)
                notes += problems
            for batch in batches:
                rate = lambda seconds: steps_for(args, batch) * batch / statistics.median(seconds) if seconds else None
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
    main()
