"""Twins of wgan, wgan-gp, began, progan, cyclegan and classifier."""
import contextlib
import random

import torch
import torch.nn.functional as F
from torch import nn

from .games import Game
from .parts import CLASSES, Family, Residual, gradient_penalty, judged_plainly, judged_size, leak, reshape


class Wasserstein(Game):
    """One step of the critic on every batch, one of the generator on every fifth."""

    def step(self, batch, update):
        turn, critic = (batch.iteration + 1) % 5 == 0, self.discriminator
        with contextlib.nullcontext() if turn else torch.no_grad():
            fakes = self.generator(self.noise(batch))
        real, fake = critic(batch.images).mean(), critic(fakes.detach()).mean()
        extra = self.extra(batch.images, fakes.detach())
        d_loss = fake - real + (10 * extra[0] if extra else 0)
        update("discriminator", d_loss)
        if turn:
            update("generator", -critic(fakes).mean())
        self.after()
        return (d_loss, -fake, real - fake) + extra

    def extra(self, images, fakes):
        return ()

    def after(self):
        pass


class Wgan(Wasserstein):
    clip = 0.01

    def optimiser(self, group, parameters, **kind):
        return torch.optim.RMSprop(parameters, lr=5e-5, foreach=kind.get("foreach", True))

    @torch.no_grad()
    def after(self):
        for parameter in self.discriminator.parameters():
            parameter.clamp_(-self.clip, self.clip)


class WganGp(Wasserstein):
    adam = dict(lr=1e-4, betas=(0.0, 0.9))

    def __init__(self, width=32):
        super().__init__(width)
        self.discriminator = nn.Sequential(*judged_plainly(width), nn.Linear(judged_size(width), 1))

    def extra(self, images, fakes):
        return gradient_penalty(self.discriminator, images, fakes)


class Began(Family):
    range = (0.0, 1.0)
    adam = dict(lr=1e-3, betas=(0.5, 0.999))

    def __init__(self, width=16, hidden=24, latent_size=64):
        super().__init__()
        w, self.latent_size = width, latent_size

        def doubled(inputs):
            return [nn.Upsample(scale_factor=2), nn.Conv2d(inputs, w, 3, 1, 1), nn.BatchNorm2d(w), nn.ELU()]

        def pictures(code):
            return [nn.Linear(code, 2 * w * 49), nn.BatchNorm1d(2 * w * 49), nn.ELU(), reshape(2 * w, 7, 7),
                    *doubled(2 * w), *doubled(w), nn.Conv2d(w, 1, 3, 1, 1), nn.Sigmoid()]

        self.generator = nn.Sequential(*pictures(latent_size))
        self.discriminator = nn.Sequential(nn.Conv2d(1, w, 4, 2, 1), nn.ELU(), nn.Conv2d(w, 2 * w, 4, 2, 1), nn.ELU(),
                                           nn.Flatten(), nn.Linear(2 * w * 49, hidden), nn.BatchNorm1d(hidden),
                                           *pictures(hidden))
        self.register_buffer("k", torch.zeros(()))

    def step(self, batch, update):
        z = torch.empty(len(batch.images), self.latent_size, device=batch.images.device).uniform_(-1, 1)
        fakes = self.generator(z)
        error = lambda images: F.l1_loss(self.discriminator(images), images)
        real, fake = error(batch.images), error(fakes)
        d_loss = real - self.k * fake
        update("generator", fake, retain=True)
        update("discriminator", d_loss)
        with torch.no_grad():
            balance = 0.95 * real - fake
            self.k = (self.k + 0.1 * balance).clamp(0, 1)
        return d_loss, fake, real + balance.abs(), self.k


class Equal(nn.Module):
    """A layer with an equalised learning rate, that counts for `share`."""

    def __init__(self, layer, gain=2**0.5):
        super().__init__()
        self.layer = layer
        nn.init.normal_(layer.weight)
        nn.init.zeros_(layer.bias)
        self.gain = gain / layer.weight[0].numel()**0.5

    def forward(self, values, share=1.0):
        weight = self.layer.weight * (self.gain * share)
        bias = self.layer.bias if share == 1 else self.layer.bias * share
        if isinstance(self.layer, nn.Linear):
            return F.linear(values, weight, bias)
        return F.conv2d(values, weight, bias, padding=self.layer.padding)


class ProGan(Family):
    """Grows as the trainer's does: sides 4, 8, 16 and 32, each new one faded in over the first half of its stage."""

    shape, range = (1, 32, 32), (-1.0, 1.0)
    adam = dict(lr=1e-3, betas=(0.0, 0.99))
    sides = (4, 8, 16, 32)

    class PixelNorm(nn.Module):
        def forward(self, values):
            return values * (values.square().mean(1, keepdim=True) + 1e-8).rsqrt()

    class Generator(nn.Module):
        def __init__(self, channels, latent_size):
            super().__init__()
            act, widest = lambda: [leak(), ProGan.PixelNorm()], channels[4]
            conv = lambda i, o: [Equal(nn.Conv2d(i, o, 3, padding=1)), *act()]
            start = [ProGan.PixelNorm(), Equal(nn.Linear(latent_size, widest * 16), 2**0.5 / 4), reshape(widest, 4, 4)]
            blocks = {4: [*start, *act(), *conv(widest, widest)]}
            for side in ProGan.sides[1:]:
                below, here = channels[side // 2], channels[side]
                blocks[side] = [nn.Upsample(scale_factor=2), *conv(below, here), *conv(here, here)]
            self.blocks = nn.ModuleDict({str(side): nn.Sequential(*block) for side, block in blocks.items()})
            self.colours = nn.ModuleDict({str(side): Equal(nn.Conv2d(channels[side], 1, 1), 1) for side in blocks})

        def forward(self, values, side, alpha):
            old = None
            for step in ProGan.sides[:ProGan.sides.index(side) + 1]:
                values = self.blocks[str(step)](values)
                if 2 * step == side and alpha < 1:
                    old = F.interpolate(self.colours[str(step)](values, 1 - alpha), scale_factor=2)
            new = self.colours[str(side)](values, alpha)
            return torch.tanh(new if old is None else old + new)

    class Discriminator(nn.Module):
        def __init__(self, channels):
            super().__init__()
            widest = channels[4]
            conv = lambda i, o: Equal(nn.Conv2d(i, o, 3, padding=1))
            self.entries = nn.ModuleDict({str(s): Equal(nn.Conv2d(1, channels[s], 1)) for s in ProGan.sides})
            self.first = nn.ModuleDict({str(s): conv(channels[s], channels[s]) for s in ProGan.sides[1:]})
            self.second = nn.ModuleDict({str(s): conv(channels[s], channels[s // 2]) for s in ProGan.sides[1:]})
            self.last = nn.Sequential(conv(widest + 1, widest), leak(), nn.Flatten(),
                                      Equal(nn.Linear(16 * widest, widest)), leak(), Equal(nn.Linear(widest, 1), 1))

        def forward(self, images, side, alpha):
            enter = lambda pictures, at, share: F.leaky_relu(self.entries[str(at)](pictures, share), 0.2)
            values = enter(images, side, 1.0)
            for at in reversed(ProGan.sides[1:ProGan.sides.index(side) + 1]):
                share = alpha if at == side else 1.0
                values = F.leaky_relu(self.first[str(at)](values), 0.2)
                values = F.avg_pool2d(F.leaky_relu(self.second[str(at)](values, share), 0.2), 2)
                if at == side and alpha < 1:
                    values = values + enter(F.avg_pool2d(images, 2), at // 2, 1 - alpha)
            groups = values.view(-1, 4, *values.shape[1:])
            spread = (groups.var(1, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
            spread = spread.repeat_interleave(4).view(-1, 1, 1, 1).expand(-1, 1, 4, 4)
            return self.last(torch.cat([values, spread], 1))

    def __init__(self, width=16, max_width=64, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        channels = {side: min(max_width, width * 32 // side) for side in self.sides}
        self.generator, self.discriminator = self.Generator(channels, latent_size), self.Discriminator(channels)

    def stage(self, iteration, total):
        """Side and share of its newest layers."""
        begin = 0
        for side in self.sides:
            end = total * (2 * side // 4 - 1) // 15
            if iteration < end or side == 32:
                return side, 1.0 if side == 4 else min(1.0, (iteration - begin) / max(0.5 * (end - begin), 1))
            begin = end

    def step(self, batch, update):
        side, alpha = self.stage(batch.iteration, batch.total)
        images = F.avg_pool2d(batch.images, 32 // side) if side < 32 else batch.images
        if alpha < 1:
            images = torch.lerp(F.interpolate(F.avg_pool2d(images, 2), scale_factor=2), images, alpha)
        critic = lambda pictures: self.discriminator(pictures, side, alpha)
        z = torch.randn(len(images), self.latent_size, device=images.device)
        fakes = self.generator(z, side, alpha)
        real, fake = critic(images), critic(fakes.detach())
        penalty, norm = gradient_penalty(critic, images, fakes.detach())
        distance = real.mean() - fake.mean()
        d_loss = 10 * penalty - distance + 1e-3 * real.square().mean()
        update("discriminator", d_loss)
        g_loss = -critic(fakes).mean()
        update("generator", g_loss)
        return d_loss, g_loss, distance, norm


class Pool:
    """Earlier pictures, which a discriminator is shown again."""

    def __init__(self, size):
        self.size, self.images = size, []

    def exchange(self, fakes):
        shown = []
        for image in fakes.detach():
            if len(self.images) < self.size:
                self.images.append(image)
            elif random.random() < 0.5:
                place = random.randrange(self.size)
                self.images[place], image = image, self.images[place]
            shown.append(image)
        return torch.stack(shown)


class CycleGan(Family):
    range = (-1.0, 1.0)
    adam = dict(lr=2e-4, betas=(0.5, 0.999))

    def __init__(self, width=16, blocks=2, pool=50):
        super().__init__()
        w = width

        def join(inputs, outputs, kernel, stride):
            return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2), nn.InstanceNorm2d(outputs, affine=True)]

        def translator():
            h = 2 * w
            inner = [Residual(*join(h, h, 3, 1), nn.ReLU(), *join(h, h, 3, 1)) for _ in range(blocks)]
            return nn.Sequential(
                *join(1, w, 7, 1), nn.ReLU(), *join(w, h, 3, 2), nn.ReLU(), *inner,
                nn.ConvTranspose2d(h, w, 3, 2, 1, 1), nn.InstanceNorm2d(w, affine=True), nn.ReLU(),
                nn.Conv2d(w, 1, 7, 1, 3), nn.Tanh())

        def judge():
            return nn.Sequential(nn.Conv2d(1, w, 4, 2, 1), leak(), nn.Conv2d(w, 2 * w, 4, 2, 1),
                                 nn.InstanceNorm2d(2 * w, affine=True), leak(), nn.Conv2d(2 * w, 1, 3, 1, 1))

        self.a_to_b, self.b_to_a, self.judge_a, self.judge_b = translator(), translator(), judge(), judge()
        self.pool_a, self.pool_b = Pool(pool), Pool(pool)

    def groups(self):
        return {"generators": [self.a_to_b, self.b_to_a], "discriminators": [self.judge_a, self.judge_b]}

    def step(self, batch, update):
        odd = batch.indices % 2 == 1
        a, b = batch.images[~odd], batch.images[odd]
        b = b + 1 - F.max_pool2d(b, 3, 1, 1)  # inverted outlines
        lsgan = lambda scores, target: (scores - target).square().mean()
        fake_b, fake_a = self.a_to_b(a), self.b_to_a(b)
        fooling = lsgan(self.judge_b(fake_b), 1) + lsgan(self.judge_a(fake_a), 1)
        cycle = F.l1_loss(self.b_to_a(fake_b), a) + F.l1_loss(self.a_to_b(fake_a), b)
        identity = F.l1_loss(self.a_to_b(b), b) + F.l1_loss(self.b_to_a(a), a)
        g_loss = fooling + 10 * (cycle + 0.5 * identity)
        update("generators", g_loss)
        old_a, old_b = self.pool_a.exchange(fake_a), self.pool_b.exchange(fake_b)
        d_loss = 0.5 * (lsgan(self.judge_a(a), 1) + lsgan(self.judge_a(old_a), 0) + lsgan(self.judge_b(b), 1) +
                        lsgan(self.judge_b(old_b), 0))
        update("discriminators", d_loss)
        return g_loss, cycle, identity, d_loss


class Classifier(Family):
    adam = dict(lr=3e-3, betas=(0.9, 0.999))

    def __init__(self, width=24, features=64, shift=2):
        super().__init__()
        self.shift, sizes = shift, [(1, width, 4), (width, 2 * width, 4), (2 * width, 2 * width, 3)]

        def unit(inputs, outputs, kernel, stride):
            return [nn.Conv2d(inputs, outputs, kernel, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]

        stages = [layer for i, o, kernel in sizes for layer in unit(i, o, kernel, 2) + unit(o, o, 3, 1)]
        self.classifier = nn.Sequential(
            *stages, nn.Flatten(), nn.Linear(2 * width * 16, features, bias=False), nn.BatchNorm1d(features), nn.ReLU(),
            nn.Linear(features, CLASSES))

    def shifted(self, images):
        """Each moved by up to so many pixels both ways on black."""
        n, reach, device = len(images), self.shift, images.device
        moves = lambda: torch.randint(2 * reach + 1, (n, 1, 1, 1), device=device)
        rows = moves() + torch.arange(28, device=device).view(1, 1, 28, 1)
        columns = moves() + torch.arange(28, device=device)
        padded = F.pad(images, [reach] * 4)
        return padded.gather(2, rows.expand(n, 1, 28, 28 + 2 * reach)).gather(3, columns.expand(n, 1, 28, 28))

    def step(self, batch, update):
        logits = self.classifier(self.shifted(batch.images))
        loss = F.cross_entropy(logits, batch.labels)
        update("classifier", loss)
        return loss, (logits.detach().argmax(1) == batch.labels).float().mean()
