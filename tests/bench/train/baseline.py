"""The trainer's models in PyTorch, for compare.py: the same layers, losses, optimiser and moving average.

Prints one JSON line a job: seconds of each interval of steps. Modes: resident (data on the device, eager; Adam fused
on a GPU, the faster of foreach and plain on a CPU), loader (torch's DataLoader over a Dataset that gives one
picture a call, as most scripts have it), compile (torch.compile, CUDA graphs inside), graph (the whole step
captured by hand).
"""
import argparse
import contextlib
import json
import time

import torch
import torch.nn.functional as F
from torch import nn

LEAK = 0.2


def reshape(*shape):
    return nn.Unflatten(1, shape)


def normed(layer, channels, dim, activation):
    return [layer, (nn.BatchNorm2d if dim == 2 else nn.BatchNorm1d)(channels), activation]


class Vae(nn.Module):
    optimisers = {"autoencoder": dict(lr=1e-3, betas=(0.9, 0.999))}
    shape, range = (1, 28, 28), (0.0, 1.0)

    def __init__(self, conv):
        super().__init__()
        if conv:
            trunk = [nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(), nn.Flatten()]
            width = 64 * 49
            self.decoder = nn.Sequential(
                nn.Linear(20, width), nn.ReLU(), reshape(64, 7, 7), nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(),
                nn.ConvTranspose2d(32, 1, 4, 2, 1))
        else:
            trunk = [nn.Flatten(), nn.Linear(784, 400), nn.ReLU()]
            width = 400
            self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784), reshape(1, 28, 28))
        self.trunk = nn.Sequential(*trunk)
        self.mean, self.log_variance = nn.Linear(width, 20), nn.Linear(width, 20)

    def parts(self):
        return {"autoencoder": self}

    def step(self, images, update, _):
        features = self.trunk(images)
        mean, log_variance = self.mean(features), self.log_variance(features)
        logits = self.decoder(mean + (0.5 * log_variance).exp() * torch.randn_like(mean)).float()
        recon = F.binary_cross_entropy_with_logits(logits, images, reduction="sum") / len(images)
        kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum() / len(images)
        update("autoencoder", recon + kl)
        return recon + kl, recon, kl


class Game(nn.Module):
    """Discriminator, then generator, non-saturating."""

    shape, range, latent = (1, 28, 28), (-1.0, 1.0), 100
    optimisers = {k: dict(lr=2e-4, betas=(0.5, 0.999)) for k in ("discriminator", "generator")}

    def parts(self):
        return {"discriminator": self.discriminator, "generator": self.generator}

    def noise(self, count, device):
        return torch.randn(count, self.latent, device=device)

    def step(self, images, update, _):
        fakes = self.generator(self.noise(len(images), images.device)).float()
        real, fake = self.discriminator(images).float(), self.discriminator(fakes.detach()).float()
        d_loss = F.softplus(-real).mean() + F.softplus(fake).mean()
        update("discriminator", d_loss)
        g_loss = F.softplus(-self.discriminator(fakes).float()).mean()
        update("generator", g_loss)
        return d_loss, g_loss, real.detach().sigmoid().mean(), fake.detach().sigmoid().mean()


class Dcgan(Game):
    def __init__(self, w):
        super().__init__()
        up = lambda i, o, k: nn.ConvTranspose2d(i, o, k, 2, 1, bias=False)
        down = lambda i, o, k: nn.Conv2d(i, o, k, 2, 1, bias=False)
        leak = lambda: nn.LeakyReLU(LEAK)
        self.generator = nn.Sequential(
            nn.Linear(100, 4 * w * 16, bias=False), reshape(4 * w, 4, 4), nn.BatchNorm2d(4 * w), nn.ReLU(),
            *normed(up(4 * w, 2 * w, 3), 2 * w, 2, nn.ReLU()), *normed(up(2 * w, w, 4), w, 2, nn.ReLU()),
            nn.ConvTranspose2d(w, 1, 4, 2, 1), nn.Tanh())
        self.discriminator = nn.Sequential(
            nn.Conv2d(1, w, 4, 2, 1), leak(), *normed(down(w, 2 * w, 4), 2 * w, 2, leak()),
            *normed(down(2 * w, 4 * w, 3), 4 * w, 2, leak()), nn.Flatten(), nn.Linear(64 * w, 1))


class MlpGan(Game):
    def __init__(self, hidden=400):
        super().__init__()
        self.generator = nn.Sequential(
            *normed(nn.Linear(100, hidden, bias=False), hidden, 1, nn.ReLU()),
            *normed(nn.Linear(hidden, 2 * hidden, bias=False), 2 * hidden, 1, nn.ReLU()),
            nn.Linear(2 * hidden, 784), nn.Tanh(), reshape(1, 28, 28))
        self.discriminator = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 2 * hidden), nn.LeakyReLU(LEAK), nn.Linear(2 * hidden, hidden),
            nn.LeakyReLU(LEAK), nn.Linear(hidden, 1))


class Row(Game):
    """gan1d (one number) and painters (15)."""

    def __init__(self, width, hidden, layers, latent, activation):
        super().__init__()
        self.shape, self.latent = (1, 1, width), latent
        self.range = (-1.0, 4.0)

        def stack(inputs, outputs):
            sizes = [inputs] + [hidden] * layers
            pairs = [p for a, b in zip(sizes, sizes[1:]) for p in (nn.Linear(a, b), activation())]
            return pairs + [nn.Linear(hidden, outputs)]

        self.generator = nn.Sequential(*stack(latent, width), reshape(1, 1, width))
        self.discriminator = nn.Sequential(nn.Flatten(), *stack(width, 1))

    def step(self, images, update, i):
        return super().step(images + (torch.rand_like(images) - 0.5) * (5 / 255), update, i)


class WganGp(Game):
    optimisers = {k: dict(lr=1e-4, betas=(0.0, 0.9)) for k in ("discriminator", "generator")}

    def __init__(self, w):
        super().__init__()
        self.generator = Dcgan(w).generator
        down = lambda i, o, k: [nn.Conv2d(i, o, k, 2, 1), nn.LeakyReLU(LEAK)]
        self.discriminator = nn.Sequential(*down(1, w, 4), *down(w, 2 * w, 4), *down(2 * w, 4 * w, 3), nn.Flatten(),
                                           nn.Linear(64 * w, 1))

    def step(self, images, update, i):
        turn = (i + 1) % 5 == 0
        critic = self.discriminator
        with contextlib.nullcontext() if turn else torch.no_grad():
            fakes = self.generator(self.noise(len(images), images.device))
        real, fake = critic(images).mean(), critic(fakes.detach()).mean()
        alpha = torch.rand(len(images), 1, 1, 1, device=images.device)
        between = (alpha * images + (1 - alpha) * fakes.detach()).requires_grad_()
        slope = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
        norms = slope.flatten(1).norm(2, 1)
        d_loss = fake - real + 10 * (norms - 1).square().mean()
        update("discriminator", d_loss)
        if turn:
            update("generator", -critic(fakes).mean())
        return d_loss, (real - fake).detach(), norms.detach().mean()


MODELS = {
    "mlp-vae": lambda w: Vae(False),
    "conv-vae": lambda w: Vae(True),
    "dcgan": Dcgan,
    "gan": lambda w: MlpGan(),
    "gan1d": lambda w: Row(1, 32, 2, 1, nn.ELU),
    "painters": lambda w: Row(15, 128, 1, 5, nn.ReLU),
    "wgan-gp": WganGp,
}


class Training:
    def __init__(self, args):
        self.args = args
        self.device = torch.device(args.device)
        self.cuda = args.device == "cuda"
        torch.manual_seed(1)
        self.model = MODELS[args.model](args.width).to(self.device)
        if args.channels_last:
            self.model = self.model.to(memory_format=torch.channels_last)
        self.average = [p.detach().clone() for p in self.model.parameters()]
        kind = dict(fused=True) if self.cuda else dict(foreach=args.foreach)
        if args.mode == "graph":
            kind["capturable"] = True
        self.optimisers = {
            name: torch.optim.Adam(part.parameters(), **self.model.optimisers[name], **kind)
            for name, part in self.model.parts().items()
        }
        for name, part in self.model.parts().items():
            part.mine = list(part.parameters())
        low, high = self.model.range
        self.scale, self.shift = (high - low) / 255, low
        self.bytes = torch.randint(0, 256, (args.images, *self.model.shape), dtype=torch.uint8)
        if args.mode != "loader":
            self.bytes = self.bytes.to(self.device)

    def update(self, name, loss):
        optimiser, part = self.optimisers[name], self.model.parts()[name]
        optimiser.zero_grad(set_to_none=True)
        loss.backward(inputs=part.mine, retain_graph=True)
        optimiser.step()

    def fold(self):
        with torch.no_grad():
            live = list(self.model.parameters())
            torch._foreach_mul_(self.average, 0.99)
            torch._foreach_add_(self.average, live, alpha=0.01)

    def step(self, images, i):
        cast = torch.autocast(self.args.device, dtype=torch.bfloat16, enabled=self.args.precision == "bf16")
        with cast:
            losses = self.model.step(images, self.update, i)
        self.fold()
        return torch.stack([loss.detach().float() for loss in losses])

    def pictures(self, index):
        images = self.bytes.index_select(0, index).float().mul_(self.scale).add_(self.shift)
        return images.contiguous(memory_format=torch.channels_last) if self.args.channels_last else images

    def batches(self):
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
                return self.bytes[i].float() * self.scale + self.shift, 0

        loader = torch.utils.data.DataLoader(Pictures(), self.args.batch, shuffle=True, drop_last=True,
                                             num_workers=self.args.workers, pin_memory=self.cuda)
        while True:
            for images, _ in loader:
                yield images.to(self.device, non_blocking=True)

    def runner(self):
        """A function that makes one step."""
        if self.args.mode == "loader":
            stream = self.stock()

            def run(i):
                # As most scripts do, the loss is read in each step.
                return self.step(next(stream), i)[0].item()

            return run
        batches = self.batches()
        if self.args.mode == "resident":
            return lambda i: self.step(self.pictures(next(batches)), i)
        if self.args.mode == "compile":
            for name, part in list(self.model.named_children()):
                setattr(self.model, name, torch.compile(part, mode="reduce-overhead"))

            def run(i):
                torch.compiler.cudagraph_mark_step_begin()
                return self.step(self.pictures(next(batches)), i)

            return run
        # graph: one capture of the whole step; the index alone changes.
        index = next(batches).clone()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for i in range(11):
                self.step(self.pictures(index), i)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.step(self.pictures(index), 0)

        def replay(_):
            index.copy_(next(batches))
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
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--jobs", default="resident:128:50", help="mode:batch:steps of an interval, several with commas")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--intervals", type=int, default=4, help="that count; one before warms up")
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--foreach", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_float32_matmul_precision("highest" if args.precision == "fp32" else "high")
    torch.backends.cudnn.allow_tf32 = args.precision != "fp32"
    torch.backends.cudnn.benchmark = True
    for job in args.jobs.split(","):
        args.mode, args.batch, args.steps = job.split(":")[0], *map(int, job.split(":")[1:])
        result = {"torch": torch.__version__, "mode": args.mode, "batch": args.batch}
        try:
            result["seconds"] = Training(args).seconds()
        except Exception as error:  # the next job may do better
            result["problem"] = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
