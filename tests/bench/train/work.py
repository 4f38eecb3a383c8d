"""What a step asks for, whatever the time: counted as `latent-canvas bench train` counts it."""
from torch.utils._python_dispatch import TorchDispatchMode


def parameters(model):
    """Their number, by network."""
    return {name: sum(p.numel() for p in net.parameters()) for name, net in model.named_children()}


def product(a, b):
    return a.numel() * b.shape[-1]


def spread(image, weight):
    """Each number of what is spread over the other side meets all weights of its channel."""
    return image.numel() * weight[0].numel()


def convolution(args, result):
    image, weight, transposed = args[0], args[1], args[6]
    return spread(image if transposed else result, weight)


def convolution_backward(args, _):
    gradient, image, weight, transposed, wanted = args[0], args[1], args[2], args[7], args[10]
    return spread(image if transposed else gradient, weight) * sum(wanted[:2])


COUNTED = {
    "mm": lambda args, _: product(args[0], args[1]),
    "addmm": lambda args, _: product(args[1], args[2]),
    "bmm": lambda args, _: product(args[0], args[1]),
    "convolution": convolution,
    "convolution_backward": convolution_backward,
}


class Counter(TorchDispatchMode):
    total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        count = COUNTED.get(function.overloadpacket.__name__)
        self.total += count(args, result) if count else 0
        return result


def multiply_adds(run, steps):
    """Mean of the steps first to last, of a function that makes one."""
    with Counter() as counter:
        for i in range(steps):
            run(i)
    return counter.total / steps
