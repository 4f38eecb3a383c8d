"""Trains a twin (twins/) in PyTorch, for compare.py: with the trainer's optimiser and moving average.

Prints one JSON line a job: seconds of each interval of steps. Modes: resident (data on the device, eager; Adam fused
on a GPU, foreach or plain on a CPU), loader (torch's DataLoader over a Dataset that gives one picture a call, as most
scripts have it), compile (torch.compile, CUDA graphs inside), graph (the whole step captured by hand), work (no
seconds: multiply-adds of a step).
"""
import argparse
import json
import time

import torch

from twins import FAMILIES
from twins.parts import CLASSES, Batch
from work import multiply_adds, parameters


def value_of(text):
    """An option's value: a whole number, a number, a truth or a word."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)


class Training:
    def __init__(self, args):
        self.args = args
        self.device = torch.device(args.device)
        self.cuda = args.device == "cuda"
        torch.manual_seed(1)
        self.model = FAMILIES[args.model](**args.options).to(self.device)
        if args.channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.average = [p.detach().clone() for p in self.model.parameters()]
        kind = dict(fused=True) if self.cuda else dict(foreach=args.foreach)
        if args.mode == "graph":
            kind["capturable"] = True
        self.parameters = {name: [p for net in nets for p in net.parameters()]
                           for name, nets in self.model.groups().items()}
        self.optimisers = {name: self.model.optimiser(name, mine, **kind) for name, mine in self.parameters.items()}
        low, high = self.model.range
        self.scale, self.shift = (high - low) / 255, low
        self.bytes = torch.randint(0, 256, (args.images, *self.model.shape), dtype=torch.uint8)
        self.labels = torch.randint(0, CLASSES, (args.images,))
        if args.mode != "loader":
            self.bytes, self.labels = self.bytes.to(self.device), self.labels.to(self.device)

    def update(self, name, loss, retain=False):
        self.optimisers[name].zero_grad(set_to_none=True)
        loss.backward(inputs=self.parameters[name], retain_graph=retain)
        self.optimisers[name].step()

    def fold(self):
        with torch.no_grad():
            live = list(self.model.parameters())
            torch._foreach_mul_(self.average, 0.99)
            torch._foreach_add_(self.average, live, alpha=0.01)

    def step(self, i, images, labels, indices):
        batch = Batch(images, labels, indices, i, self.args.steps * (self.args.intervals + 1))
        cast = torch.autocast(self.args.device, dtype=torch.bfloat16, enabled=self.args.precision == "bf16")
        with cast:
            losses = self.model.step(batch, self.update)
        self.fold()
        return torch.stack([loss.detach().float() for loss in losses])

    def batch(self, index):
        images = self.bytes.index_select(0, index).float().mul_(self.scale).add_(self.shift)
        if self.args.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        return images, self.labels.index_select(0, index), index

    def indices(self):
        """Indices on the device for ever, in a new order each epoch."""
        count, size = len(self.bytes), self.args.batch
        while True:
            order = torch.randperm(count, device=self.device)
            for first in range(0, count - size + 1, size):
                yield order[first : first + size]

    def stock(self):
        class Pictures(torch.utils.data.Dataset):
            def __len__(_):
                return len(self.bytes)

            def __getitem__(_, i):
                return self.bytes[i].float() * self.scale + self.shift, self.labels[i], i

        loader = torch.utils.data.DataLoader(Pictures(), self.args.batch, shuffle=True, drop_last=True,
                                             num_workers=self.args.workers, pin_memory=self.cuda)
        while True:
            for batch in loader:
                yield [part.to(self.device, non_blocking=True) for part in batch]

    def runner(self):
        """A function that makes one step."""
        if self.args.mode == "loader":
            stream = self.stock()

            def run(i):
                # As most scripts do, the loss is read in each step.
                return self.step(i, *next(stream))[0].item()

            return run
        indices = self.indices()
        if self.args.mode in ("resident", "work"):
            return lambda i: self.step(i, *self.batch(next(indices)))
        if self.args.mode == "compile":
            for name, part in list(self.model.named_children()):
                setattr(self.model, name, torch.compile(part, mode="reduce-overhead"))

            def run(i):
                torch.compiler.cudagraph_mark_step_begin()
                return self.step(i, *self.batch(next(indices)))

            return run
        # graph: one capture of the whole step; the index alone changes.
        index = next(indices).clone()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for i in range(11):
                self.step(i, *self.batch(index))
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step(0, *self.batch(index))

        def replay(_):
            index.copy_(next(indices))
            graph.replay()

        return replay

    def seconds(self):
        run, times = self.runner(), []
        wait = torch.cuda.synchronize if self.cuda else (lambda: None)
        i = 0
        for interval in range(self.args.intervals + 1):
            wait()
            start = time.perf_counter()
            for _ in range(self.args.steps):
                run(i)
                i += 1
            wait()
            if interval > 0:  # the first warms up
                times.append(time.perf_counter() - start)
        return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=FAMILIES, required=True)
    parser.add_argument("--set", action="append", default=[], help="key=value, an option of the model")
    parser.add_argument("--jobs", default="resident:128:50", help="mode:batch:steps of an interval, several with commas")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    parser.add_argument("--intervals", type=int, default=4, help="that count; one before warms up")
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--foreach", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    args.options = {key: value_of(value) for key, value in (pair.split("=", 1) for pair in args.set)}
    torch.set_num_threads(args.threads)
    torch.set_float32_matmul_precision("highest" if args.precision == "fp32" else "high")
    torch.backends.cudnn.allow_tf32 = args.precision != "fp32"
    torch.backends.cudnn.benchmark = True
    for job in args.jobs.split(","):
        args.mode, args.batch, args.steps = job.split(":")[0], *map(int, job.split(":")[1:])
        result = {"torch": torch.__version__, "mode": args.mode, "batch": args.batch}
        try:
            training = Training(args)
            result["parameters"] = parameters(training.model)
            if args.mode == "work":
                result["multiply_adds"] = multiply_adds(training.runner(), args.steps)
            else:
                result["seconds"] = training.seconds()
        except Exception as error:  # the next job may do better
            result["problem"] = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
