"""The trainer's families in PyTorch: the same layers, losses and optimisers, at the families' defaults.

A twin is a nn.Module whose children are the networks, under the trainer's names, and whose keyword arguments are the
trainer's options; compare.py holds the number of parameters and the arithmetic of a step beside the trainer's.
"""
from .autoencoders import Ae, BetaVae, Cppn, Cvae, Vae, VaeGan, VaeGanHybrid
from .critics import Began, Classifier, CycleGan, ProGan, Wgan, WganGp
from .games import Acgan, Cgan, Dcgan, Gan, Gan1d, ImprovedGan, InfoGan, LabelGan, LatentPriorGan, Painters

FAMILIES = {
    "ae": Ae,
    "vae": Vae,
    "beta-vae": BetaVae,
    "cvae": Cvae,
    "gan": Gan,
    "gan1d": Gan1d,
    "painters": Painters,
    "label-gan": LabelGan,
    "dcgan": Dcgan,
    "improved-gan": ImprovedGan,
    "cgan": Cgan,
    "acgan": Acgan,
    "infogan": InfoGan,
    "latent-prior-gan": LatentPriorGan,
    "wgan": Wgan,
    "wgan-gp": WganGp,
    "began": Began,
    "progan": ProGan,
    "cyclegan": CycleGan,
    "vaegan": VaeGan,
    "vae-gan-hybrid": VaeGanHybrid,
    "cppn": Cppn,
    "classifier": Classifier,
}
