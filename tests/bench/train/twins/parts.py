"""What the twins share: layers, the bodies of encoders, generators and discriminators, losses."""
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10


class Batch(NamedTuple):
    images: torch.Tensor  # [n][channels][height][width], in the family's range
    labels: torch.Tensor  # [n]
    indices: torch.Tensor  # [n], places in the training set
    iteration: int
    total: int


class Family(nn.Module):
    """Children are the networks. step(batch, update) makes one step and returns its losses; update(group, loss)
    moves a group's parameters, with retain=True where a later loss of the step needs the same graph."""

    shape, range = (1, 28, 28), (0.0, 1.0)
    adam = dict(lr=1e-3, betas=(0.9, 0.999))

    def groups(self):
        """Networks by group."""
        return {name: [net] for name, net in self.named_children()}

    def optimiser(self, group, parameters, **kind):
        return torch.optim.Adam(parameters, **self.adam, **kind)


def reshape(*shape):
    return nn.Unflatten(1, shape)


def leak(slope=0.2):
    return nn.LeakyReLU(slope)


def linear(inputs, outputs, activation):
    """Linear without bias, BatchNorm, activation."""
    return [nn.Linear(inputs, outputs, bias=False), nn.BatchNorm1d(outputs), activation]


def down(inputs, outputs, kernel, activation):
    """A convolution that halves, BatchNorm, activation."""
    return [nn.Conv2d(inputs, outputs, kernel, 2, 1, bias=False), nn.BatchNorm2d(outputs), activation]


def up(inputs, outputs, kernel, activation):
    return [nn.ConvTranspose2d(inputs, outputs, kernel, 2, 1, bias=False), nn.BatchNorm2d(outputs), activation]


class Heads(nn.Module):
    """Linear layers side by side on what a trunk gives."""

    def __init__(self, trunk, width, *sizes):
        super().__init__()
        self.trunk = trunk
        self.heads = nn.ModuleList(nn.Linear(width, size) for size in sizes)

    def forward(self, images):
        features = self.trunk(images)
        return [head(features) for head in self.heads]


class Residual(nn.Module):
    def __init__(self, *body):
        super().__init__()
        self.body = nn.Sequential(*body)

    def forward(self, images):
        return images + self.body(images)


# Pictures of 28 x 28 from features, and features from them: 28 - 14 - 7 - 4.
def generated(features, w):
    return [nn.Linear(features, 4 * w * 16, bias=False), reshape(4 * w, 4, 4), nn.BatchNorm2d(4 * w), nn.ReLU(),
            *up(4 * w, 2 * w, 3, nn.ReLU()), *up(2 * w, w, 4, nn.ReLU()), nn.ConvTranspose2d(w, 1, 4, 2, 1), nn.Tanh()]


def judged(w):
    return [nn.Conv2d(1, w, 4, 2, 1), leak(), *down(w, 2 * w, 4, leak()), *down(2 * w, 4 * w, 3, leak()), nn.Flatten()]


def judged_plainly(w, after=lambda: []):
    """Without BatchNorm; `after` makes what follows each activation."""
    sizes = [(1, w, 4), (w, 2 * w, 4), (2 * w, 4 * w, 3)]
    return [layer for i, o, k in sizes for layer in (nn.Conv2d(i, o, k, 2, 1), leak(), *after())] + [nn.Flatten()]


def judged_size(w):
    return 4 * w * 16


def real(logits):
    return F.softplus(-logits).mean()


def fake(logits):
    return F.softplus(logits).mean()


def noisy(images, deviation):
    return images + deviation * torch.randn_like(images) if deviation else images


def slanted(images, most):
    """Each picture sheared sideways by up to `most` half widths at its top and bottom."""
    where = torch.eye(2, 3, device=images.device).repeat(len(images), 1, 1)
    where[:, 0, 1] = torch.empty(len(images), device=images.device).uniform_(-most, most)
    grid = F.affine_grid(where, images.shape, align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def one_hot(labels):
    return F.one_hot(labels, CLASSES).float()


def answers(*logits):
    """Mean answers of a discriminator, for the log."""
    return tuple(values.detach().sigmoid().mean() for values in logits)


def sampled(mean, log_variance):
    return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)


def bce(logits, images):
    return F.binary_cross_entropy_with_logits(logits.float(), images, reduction="sum") / len(images)


def kl_term(mean, log_variance):
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum() / len(mean)


def gradient_penalty(critic, images, fakes):
    alpha = torch.rand(len(images), 1, 1, 1, device=images.device)
    between = torch.lerp(fakes, images, alpha).requires_grad_()
    slope = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
    norms = slope.flatten(1).norm(2, 1)
    return (norms - 1).square().mean(), norms.detach().mean()
