"""Twins of the GANs with one discriminator's step for one of the generator's."""
import torch
import torch.nn.functional as F
from torch import nn

from .parts import (CLASSES, Family, answers, fake, generated, judged, judged_plainly, judged_size, leak, linear, noisy,
                    one_hot, real, reshape, slanted)


class Game(Family):
    """Discriminator, then generator, non-saturating, and the convolutional pair that most families have."""

    range = (-1.0, 1.0)
    adam = dict(lr=5e-4, betas=(0.5, 0.999))
    input_noise = 0.5

    def __init__(self, width=32, latent_size=100, answers=1, given=0):
        """`answers`: logits of the discriminator; `given`: numbers that the generator reads besides the noise."""
        super().__init__()
        self.latent_size = latent_size
        self.generator = nn.Sequential(*generated(latent_size + given, width))
        self.discriminator = nn.Sequential(*judged(width), nn.Linear(judged_size(width), answers))

    def groups(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def noise(self, batch):
        return torch.randn(len(batch.images), self.latent_size, device=batch.images.device)

    def chosen(self, batch):
        """A class for each picture of a batch to come."""
        return torch.randint(CLASSES, (len(batch.images),), device=batch.images.device)

    def judge(self, images):
        return self.discriminator(noisy(images, self.input_noise))

    def step(self, batch, update):
        fakes = self.generator(self.noise(batch))
        real_logits, fake_logits = self.judge(batch.images), self.judge(fakes.detach())
        d_loss = real(real_logits) + fake(fake_logits)
        update("discriminator", d_loss)
        g_loss = self.fooled(self.judge(fakes))
        update("generator", g_loss)
        return (d_loss, g_loss) + answers(real_logits, fake_logits)

    def fooled(self, logits):
        return real(logits)


class Dcgan(Game):
    adam = dict(lr=2e-4, betas=(0.5, 0.999))
    input_noise = 0


class Gan(Game):
    adam = dict(lr=2e-4, betas=(0.5, 0.999))
    input_noise = 0

    def __init__(self, hidden=400, latent_size=100):
        super(Game, self).__init__()
        self.latent_size = latent_size
        self.generator = nn.Sequential(
            *linear(latent_size, hidden, nn.ReLU()), *linear(hidden, 2 * hidden, nn.ReLU()), nn.Linear(2 * hidden, 784),
            nn.Tanh(), reshape(1, 28, 28))
        self.discriminator = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 2 * hidden), leak(), nn.Linear(2 * hidden, hidden), leak(),
            nn.Linear(hidden, 1))


class Row(Game):
    """A row of numbers instead of a picture."""

    input_noise = 0

    def __init__(self, width, hidden, layers, latent_size, activation):
        super(Game, self).__init__()
        self.shape, self.latent_size = (1, 1, width), latent_size

        def stack(inputs, outputs):
            sizes = [inputs] + [hidden] * layers
            pairs = [m for a, b in zip(sizes, sizes[1:]) for m in (nn.Linear(a, b), activation())]
            return pairs + [nn.Linear(hidden, outputs)]

        self.generator = nn.Sequential(*stack(latent_size, width), reshape(1, 1, width))
        self.discriminator = nn.Sequential(nn.Flatten(), *stack(width, 1))

    def unrounded(self, images):
        low, high = self.range
        return images + (torch.rand_like(images) - 0.5) * ((high - low) / 255)


class Painters(Row):
    range = (-1.0, 4.0)
    adam = dict(lr=1e-4, betas=(0.9, 0.999))

    def __init__(self, hidden=128, latent_size=5):
        super().__init__(15, hidden, 1, latent_size, nn.ReLU)

    def fooled(self, logits):
        return -fake(logits)

    def step(self, batch, update):
        return super().step(batch._replace(images=self.unrounded(batch.images)), update)


class Gan1d(Row):
    range = (-5.0, 5.0)
    adam = dict(lr=2e-3, betas=(0.0, 0.999))

    def __init__(self, hidden=32, latent_size=1):
        super().__init__(1, hidden, 2, latent_size, nn.ELU)

    def step(self, batch, update):
        images = self.unrounded(batch.images).requires_grad_()
        with torch.no_grad():
            fakes = self.generator(self.noise(batch))
        real_logits, fake_logits = self.discriminator(images), self.discriminator(fakes)
        slope, = torch.autograd.grad(real_logits.sum(), images, create_graph=True)
        d_loss = real(real_logits) + fake(fake_logits) + 0.15 * slope.square().sum() / len(images)
        update("discriminator", d_loss)
        g_loss = real(self.discriminator(self.generator(self.noise(batch))))
        update("generator", g_loss)
        return (d_loss, g_loss) + answers(real_logits, fake_logits)


def soft_cross_entropy(logits, target):
    return -(target * logits.log_softmax(1)).sum() / len(logits)


class LabelGan(Game):
    def __init__(self, width=32):
        super().__init__(width, answers=CLASSES, given=CLASSES)

    def step(self, batch, update):
        y, fake_y = one_hot(batch.labels), one_hot(self.chosen(batch))
        fakes = self.generator(torch.cat([self.noise(batch), fake_y], 1))
        real_logits, fake_logits = self.judge(batch.images), self.judge(fakes.detach())
        d_loss = soft_cross_entropy(real_logits, y) + soft_cross_entropy(fake_logits, (1 - fake_y) / (CLASSES - 1))
        update("discriminator", d_loss)
        g_loss = soft_cross_entropy(self.judge(fakes), fake_y)
        update("generator", g_loss)
        belief = lambda logits, label: (logits.detach().softmax(1) * label).sum(1).mean()
        return d_loss, g_loss, belief(real_logits, y), belief(fake_logits, fake_y)


class Cgan(Game):
    class Judge(nn.Module):
        """The label meets the features of the picture."""

        def __init__(self, w):
            super().__init__()
            units = 4 * w
            self.trunk, self.label = nn.Sequential(*judged(w)), nn.Linear(CLASSES, units)
            self.compared = nn.Sequential(nn.Linear(judged_size(w) + units, 2 * units), leak(), nn.Linear(2 * units, 1))

        def forward(self, images, label):
            return self.compared(torch.cat([self.trunk(images), self.label(label)], 1))

    def __init__(self, width=32):
        super().__init__(width, given=CLASSES)
        self.discriminator = self.Judge(width)

    def step(self, batch, update):
        apart = torch.randint_like(batch.labels, 1, CLASSES)
        label, wrong = one_hot(batch.labels), one_hot((batch.labels + apart) % CLASSES)
        judge = lambda images, label: self.discriminator(noisy(images, self.input_noise), label)
        fakes = self.generator(torch.cat([self.noise(batch), label], 1))
        real_logits, fake_logits = judge(batch.images, label), judge(fakes.detach(), label)
        d_loss = real(real_logits) + 0.5 * (fake(fake_logits) + fake(judge(batch.images, wrong)))
        update("discriminator", d_loss)
        g_loss = real(judge(fakes, label))
        update("generator", g_loss)
        return (d_loss, g_loss) + answers(real_logits, fake_logits)


class Acgan(Game):
    def __init__(self, width=32):
        super().__init__(width, answers=1 + CLASSES, given=CLASSES)  # both heads as one layer

    def step(self, batch, update):
        asked = self.chosen(batch)
        fakes = self.generator(torch.cat([self.noise(batch), one_hot(asked)], 1))
        judge = lambda images: self.judge(images).split([1, CLASSES], 1)
        (real_logits, real_classes), (fake_logits, fake_classes) = judge(batch.images), judge(fakes.detach())
        d_class = F.cross_entropy(real_classes, batch.labels) + F.cross_entropy(fake_classes, asked)
        d_loss = real(real_logits) + fake(fake_logits) + d_class
        update("discriminator", d_loss)
        logits, classes = judge(fakes)
        g_class = F.cross_entropy(classes, asked)
        g_loss = real(logits) + g_class
        update("generator", g_loss)
        return (d_loss, g_loss, d_class, g_class) + answers(real_logits, fake_logits)


class InfoGan(Game):
    latent, codes, hidden = 62, 2, 128
    slant = 0.5

    class Judge(nn.Module):
        def __init__(self, w, hidden, codes):
            super().__init__()
            self.trunk = nn.Sequential(*judged(w), *linear(judged_size(w), hidden, leak(0.1)))
            self.logit = nn.Linear(hidden, 1)
            self.code = nn.Sequential(*linear(hidden, hidden, leak(0.1)), nn.Linear(hidden, CLASSES + codes))

        def forward(self, images):
            features = self.trunk(images)
            return self.logit(features), self.code(features)

    def __init__(self, width=32):
        super().__init__(width)
        inputs = self.latent + CLASSES + self.codes
        self.generator = nn.Sequential(*linear(inputs, self.hidden, nn.ReLU()), *generated(self.hidden, width))
        self.discriminator = self.Judge(width, self.hidden, self.codes)

    def step(self, batch, update):
        n, device = len(batch.images), batch.images.device
        category, code = self.chosen(batch), torch.empty(n, self.codes, device=device).uniform_(-1, 1)
        fakes = self.generator(torch.cat([torch.randn(n, self.latent, device=device), one_hot(category), code], 1))

        def read(answer):
            classes, codes = answer.split([CLASSES, self.codes], 1)
            distance = (code - codes).square()
            return F.cross_entropy(classes, category), 0.5 * (1.8378770664 + distance).sum() / n

        def read_both(answer, pictures):
            """The category from slanted pictures, the codes from upright ones."""
            _, slanted_answer = self.judge(slanted(pictures, self.slant))
            return read(slanted_answer)[0], read(answer)[1]

        real_logits, _ = self.judge(batch.images)
        fake_logits, fake_codes = self.judge(fakes.detach())
        category_loss, code_loss = read_both(fake_codes, fakes.detach())
        d_loss = real(real_logits) + fake(fake_logits)
        update("discriminator", d_loss + 0.1 * category_loss + 0.1 * code_loss)
        logits, codes = self.judge(fakes)
        g_loss = real(logits)
        category_loss, code_loss = read_both(codes, fakes)
        update("generator", g_loss + 0.1 * category_loss + 0.1 * code_loss)
        return (d_loss, g_loss, category_loss, code_loss) + answers(real_logits, fake_logits)


class ImprovedGan(Game):
    adam = dict(lr=3e-4, betas=(0.5, 0.999))
    input_noise = 0.3
    labelled = 100

    class Noise(nn.Module):
        def forward(self, values):
            return noisy(values, 0.5)

    class Judge(nn.Module):
        """Classes, and how real a picture looks, alone and among the others of its group of 64."""

        def __init__(self, w, out=32, dims=4, group=64):
            super().__init__()
            size, self.group = judged_size(w), group
            self.trunk = nn.Sequential(*judged_plainly(w, lambda: [ImprovedGan.Noise()]))
            self.classes, self.verdict = nn.Linear(size, CLASSES), nn.Linear(size + out, 1)
            self.projection = nn.Parameter(torch.randn(size, out, dims) / size**0.5)

        def forward(self, images):
            features = self.trunk(images)
            classes = self.classes(features)
            projected = (features @ self.projection.flatten(1)).view(-1, *self.projection.shape[1:])
            near = [(-(group.unsqueeze(0) - group.unsqueeze(1)).abs().sum(3)).exp().sum(1)
                    for group in projected.split(self.group)]
            verdict = self.verdict(torch.cat([features, torch.cat(near)], 1))
            return classes.logsumexp(1, keepdim=True) + verdict, classes

        def classify(self, images):
            return self.classes(self.trunk(images))

    def __init__(self, width=32):
        super().__init__(width)
        self.discriminator = self.Judge(width)
        self.register_buffer("stock", torch.rand(self.labelled, *self.shape) * 2 - 1)
        self.register_buffer("stock_labels", torch.arange(self.labelled) % CLASSES)

    def step(self, batch, update):
        n = len(batch.images)
        fakes = self.generator(self.noise(batch))
        (real_logits, _), (fake_logits, _) = self.judge(batch.images), self.judge(fakes.detach())
        rows = torch.randint(self.labelled, (min(n, self.labelled),), device=batch.images.device)
        classes = self.discriminator.classify(noisy(self.stock[rows], self.input_noise))
        supervised = F.cross_entropy(classes, self.stock_labels[rows])
        d_loss = supervised + 0.5 * (0.9 * real(real_logits) + 0.1 * fake(real_logits) + fake(fake_logits))
        update("discriminator", d_loss)
        g_loss = real(self.judge(fakes)[0])
        update("generator", g_loss)
        return (d_loss, g_loss, supervised) + answers(real_logits, fake_logits)


class LatentPriorGan(Game):
    """An autoencoder learns; at rest its codes are collected; then the game, with latents from a mixture of Gaussians
    fitted to them. The fit is left out: it is no part of a step."""

    collected = 8192

    def __init__(self, width=32, latent_size=20, encoder_share=0.2, components=10):
        super().__init__(width, latent_size)
        w, self.encoder_share = width, encoder_share
        self.encoder = nn.Sequential(nn.Conv2d(1, w, 4, 2, 1), nn.ReLU(), nn.Conv2d(w, 2 * w, 4, 2, 1), nn.ReLU(),
                                     nn.Flatten(), nn.Linear(2 * w * 49, latent_size))
        self.decoder = nn.Sequential(*generated(latent_size, w))
        self.weights = torch.full((components,), 1 / components)
        self.means = torch.randn(components, latent_size)
        self.cholesky = torch.eye(latent_size).repeat(components, 1, 1)

    def groups(self):
        return {**super().groups(), "autoencoder": [self.encoder, self.decoder]}

    def noise(self, batch):
        rows = self.weights.multinomial(len(batch.images), replacement=True)
        spread = self.cholesky[rows] @ torch.randn(len(rows), self.latent_size, 1)
        return (self.means[rows] + spread.squeeze(2)).to(batch.images.device)

    def step(self, batch, update):
        n = len(batch.images)
        game = max(2, int(self.encoder_share * batch.total))
        learning = batch.iteration < game - max(1, min(self.collected // n, game // 2))
        if batch.iteration >= game:
            return super().step(batch, update)
        with torch.set_grad_enabled(learning):
            loss = (self.decoder(self.encoder(batch.images)) - batch.images).square().sum() / n
        if learning:
            update("autoencoder", loss)
        return (loss,)
