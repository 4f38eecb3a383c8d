"""Twins of ae, vae, beta-vae, cvae, vae-gan-hybrid, vaegan and cppn."""
import torch
import torch.nn.functional as F
from torch import nn

from .parts import (CLASSES, Family, Heads, Residual, answers, bce, down, fake, generated, judged, judged_plainly,
                    judged_size, kl_term, leak, noisy, one_hot, real, reshape, sampled)


def activated(layer, channels, norm):
    """With BatchNorm before the ReLU, over features or over pictures, or without."""
    kind = nn.BatchNorm1d if isinstance(layer, nn.Linear) else nn.BatchNorm2d
    return [layer] + [kind(channels)] * norm + [nn.ReLU()]


class Autoencoder(Family):
    heads = 1

    def __init__(self, net="conv", width=32, residual=0, hidden=400, layers=1, latent_size=20, batch_norm=False,
                 labels=0):
        super().__init__()
        w, norm = width, batch_norm

        def blocks():
            return [Residual(*activated(nn.Conv2d(2 * w, 2 * w, 3, 1, 1), 2 * w, norm)) for _ in range(residual)]

        def dense(inputs):
            sizes = [inputs] + [hidden] * layers
            return [m for a, b in zip(sizes, sizes[1:]) for m in activated(nn.Linear(a, b), b, norm)]

        if net == "conv":
            size = 2 * w * 49
            trunk = [*activated(nn.Conv2d(1, w, 4, 2, 1), w, norm),
                     *activated(nn.Conv2d(w, 2 * w, 4, 2, 1), 2 * w, norm), *blocks(), nn.Flatten()]
            first = [nn.Linear(latent_size, size), reshape(2 * w, 7, 7)] + [nn.BatchNorm2d(2 * w)] * norm + [nn.ReLU()]
            picture = [*first, *blocks(), *activated(nn.ConvTranspose2d(2 * w, w, 4, 2, 1), w, norm),
                       nn.ConvTranspose2d(w, 1, 4, 2, 1)]
        else:
            size = hidden
            trunk = [nn.Flatten(), *dense(784 + labels)]
            picture = [*dense(latent_size + labels), nn.Linear(hidden, 784), reshape(1, 28, 28)]
        self.latent_size = latent_size
        self.encoder = Heads(nn.Sequential(*trunk), size, *[latent_size] * self.heads)
        self.decoder = nn.Sequential(*picture)

    def groups(self):
        return {"autoencoder": [self.encoder, self.decoder]}


class Ae(Autoencoder):
    def step(self, batch, update):
        codes, = self.encoder(batch.images)
        loss = bce(self.decoder(codes), batch.images)
        update("autoencoder", loss)
        return (loss,)


class Vae(Autoencoder):
    heads, kl_weight = 2, 1

    def step(self, batch, update):
        mean, log_variance = self.encoder(batch.images)
        recon, kl = bce(self.decoder(sampled(mean, log_variance)), batch.images), kl_term(mean, log_variance)
        loss = recon + self.kl_weight * kl
        update("autoencoder", loss)
        return loss, recon, kl


class BetaVae(Vae):
    kl_weight = 4


class Cvae(Vae):
    kl_weight = 2

    def __init__(self):
        super().__init__(net="mlp", hidden=200, layers=3, latent_size=8, batch_norm=True, labels=CLASSES)

    def step(self, batch, update):
        label = one_hot(batch.labels)
        mean, log_variance = self.encoder(torch.cat([batch.images.flatten(1), label], 1))
        logits = self.decoder(torch.cat([sampled(mean, log_variance), label], 1))
        recon, kl = bce(logits, batch.images), kl_term(mean, log_variance)
        loss = recon + self.kl_weight * kl
        update("autoencoder", loss)
        return loss, recon, kl


class VaeGanHybrid(Autoencoder):
    heads = 2
    adam = dict(lr=5e-4, betas=(0.5, 0.999))

    def __init__(self, width=32):
        super().__init__(width=width, residual=2, batch_norm=True)
        self.discriminator = nn.Sequential(*judged(width), nn.Linear(judged_size(width), 1))

    def groups(self):
        return {**super().groups(), "discriminator": [self.discriminator]}

    def step(self, batch, update):
        mean, log_variance = self.encoder(batch.images)
        logits = self.decoder(sampled(mean, log_variance))
        fakes = torch.cat([logits, self.decoder(torch.randn_like(mean))]).sigmoid()
        judge = lambda images: self.discriminator(noisy(images, 0.15))
        real_logits, fake_logits = judge(batch.images), judge(fakes.detach())
        d_loss = real(real_logits) + fake(fake_logits)
        update("discriminator", d_loss)
        recon, kl = bce(logits, batch.images), kl_term(mean, log_variance)
        adversarial = real(judge(fakes))
        loss = recon + 6 * kl + 0.3 * 784 * adversarial
        update("autoencoder", loss)
        return (loss, recon, kl, adversarial, d_loss) + answers(real_logits, fake_logits)


class VaeGan(Family):
    range = (-1.0, 1.0)
    adam = dict(lr=3e-4, betas=(0.5, 0.999))

    class Judge(nn.Module):
        def __init__(self, w):
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(1, w, 4, 2, 1), leak(), *down(w, 2 * w, 4, leak()))
            self.logit = nn.Sequential(*down(2 * w, 4 * w, 3, leak()), nn.Flatten(), nn.Linear(judged_size(w), 1))

        def forward(self, images):
            features = self.features(images)
            return features, self.logit(features)

    def __init__(self, width=32, latent_size=20, margin=0.35):
        super().__init__()
        w = width
        self.low, self.high = 0.68 - margin, 0.68 + margin
        trunk = nn.Sequential(*down(1, w, 4, nn.ReLU()), *down(w, 2 * w, 4, nn.ReLU()), nn.Flatten())
        self.encoder = Heads(trunk, 2 * w * 49, latent_size, latent_size)
        self.decoder = nn.Sequential(*generated(latent_size, w))
        self.discriminator = self.Judge(w)

    def step(self, batch, update):
        mean, log_variance = self.encoder(batch.images)
        copies, fakes = self.decoder(sampled(mean, log_variance)), self.decoder(torch.randn_like(mean))
        real_features, real_logits = self.discriminator(batch.images)
        copy_features, copy_logits = self.discriminator(copies)
        _, fake_logits = self.discriminator(fakes)
        recon = 0.5 * (real_features - copy_features).square().sum() / len(mean)
        kl = kl_term(mean, log_variance)
        real_loss, fake_loss = real(real_logits), fake(fake_logits)
        g_loss = real(fake_logits) + real(copy_logits)
        d_loss = real_loss + fake_loss + fake(copy_logits)
        both = (real_loss.item(), fake_loss.item())
        move_decoder = all(loss >= self.low for loss in both)
        move_discriminator = all(loss <= self.high for loss in both)
        if not (move_decoder or move_discriminator):
            move_decoder = move_discriminator = True
        update("encoder", kl + recon, retain=True)
        if move_decoder:
            update("decoder", 0.01 * recon + g_loss, retain=True)
        if move_discriminator:
            update("discriminator", d_loss)
        pixel_error = (copies - batch.images).detach().square().sum() / len(mean)
        return (d_loss, pixel_error, recon, kl, g_loss) + answers(real_logits, fake_logits)


class Cppn(Family):
    adam = dict(lr=2e-3, betas=(0.65, 0.999))

    class Decoder(nn.Module):
        """1 x 1 convolutions: the same function of place and latents at every pixel."""

        def __init__(self, units=64, depth=4, latent_size=32, scale=5):
            super().__init__()
            self.place, self.latent = nn.Parameter(torch.randn(units, 3, 1, 1)), nn.Linear(latent_size, units)
            self.gain = scale / 3**0.5  # an equalised learning rate
            hidden = [m for _ in range(depth - 1) for m in (nn.Conv2d(units, units, 1), nn.Tanh())]
            self.colour = nn.Sequential(nn.Softplus(), *hidden, nn.Conv2d(units, 1, 1))
            axis = (torch.arange(28) + 0.5) * (2 / 28) - 1
            y, x = torch.meshgrid(axis, axis, indexing="ij")
            self.register_buffer("coordinates", torch.stack([x, y, (x * x + y * y).sqrt()]).unsqueeze(0))

        def forward(self, latents):
            places = F.conv2d(self.coordinates, self.gain * self.place)
            return self.colour(places + self.latent(latents)[:, :, None, None])

    def __init__(self, width=16, latent_size=32, d_above=0.6, g_below=0.75):
        super().__init__()
        w = width
        self.d_above, self.g_below = d_above, g_below
        trunk = nn.Sequential(nn.Conv2d(1, w, 4, 2, 1), nn.ReLU(), nn.Conv2d(w, 2 * w, 4, 2, 1), nn.ReLU(),
                              nn.Flatten())
        self.encoder = Heads(trunk, 2 * w * 49, latent_size, latent_size)
        self.decoder = self.Decoder(latent_size=latent_size)
        self.discriminator = nn.Sequential(*judged_plainly(w), nn.Linear(judged_size(w), 1))

    def groups(self):
        return {"autoencoder": [self.encoder, self.decoder], "discriminator": [self.discriminator]}

    def step(self, batch, update):
        mean, log_variance = self.encoder(batch.images)
        logits = self.decoder(sampled(mean, log_variance))
        recon, kl = bce(logits, batch.images), kl_term(mean, log_variance)
        loss, images = recon + kl, logits.sigmoid()
        g_loss = real(self.discriminator(images))
        update("autoencoder", 0.01 * g_loss + loss / 784)
        real_logits, fake_logits = self.discriminator(batch.images), self.discriminator(images.detach())
        d_loss = 0.5 * (real(real_logits) + fake(fake_logits))
        if d_loss.item() > self.d_above and g_loss.item() < self.g_below:
            update("discriminator", d_loss)
        return (loss, recon, kl, d_loss, g_loss) + answers(real_logits, fake_logits)
