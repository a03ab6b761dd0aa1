# Peer of reverse_vjp: PyTorch, needs torch
"""PyTorch as it is called from Python: the loss, then torch.autograd.grad by all parameters."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import numpy as np
import torch
import worker

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "softplus": torch.nn.functional.softplus,
    "elu": torch.nn.functional.elu,
    "silu": torch.nn.functional.silu,
    "gelu": torch.nn.functional.gelu,
    "gelu_tanh": lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
    "leaky_relu": torch.nn.functional.leaky_relu,
    "identity": lambda x: x,
}
LOSSES = {
    "softmax_cross_entropy": torch.nn.functional.cross_entropy,
    "squared_error": lambda z, y: ((z - y) ** 2).sum(dim=1).mean(),
}


def outputs_of(job: worker.Job) -> Callable[[Sequence[torch.Tensor], torch.Tensor], torch.Tensor]:
    """The network's outputs as a function of the parameters (weight, bias, weight, ...) and the inputs."""
    for layer in job.layers:
        if layer.name not in ACTIVATIONS and layer.name != "affine":
            raise worker.Unsupported(f"layer {layer.name} is not translated")
    if job.loss not in LOSSES:
        raise worker.Unsupported(f"loss {job.loss} is not translated")
    steps = [layer.name for layer in job.layers]

    def outputs(parameters: Sequence[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        at = 0
        for name in steps:
            if name == "affine":
                x = torch.nn.functional.linear(x, parameters[at], parameters[at + 1])
                at += 2
            else:
                x = ACTIVATIONS[name](x)
        return x

    return outputs


def loss_of(job: worker.Job) -> Callable[[list[torch.Tensor], torch.Tensor, torch.Tensor], torch.Tensor]:
    """The loss as a function of the parameters, the inputs and the targets."""
    outputs, loss = outputs_of(job), LOSSES.get(job.loss)
    return lambda parameters, x, y: loss(outputs(parameters, x), y)


def arrays(job: worker.Job) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]:
    """Parameters that want a gradient, inputs and targets."""
    parameters = [
        torch.from_numpy(array.copy()).requires_grad_() for pair in job.affine_parameters() for array in pair
    ]
    return parameters, torch.from_numpy(job.x), torch.from_numpy(job.y)


def flat(gradients: tuple[torch.Tensor, ...]) -> np.ndarray:
    """All gradients behind each other."""
    return np.concatenate([gradient.numpy().ravel() for gradient in gradients])


def prepare(job: worker.Job) -> worker.Ready:
    """Loss and gradient of one cell."""
    loss, (parameters, x, y) = loss_of(job), arrays(job)
    return worker.Ready(lambda: torch.autograd.grad(loss(parameters, x, y), parameters), flat)


def serve(prepare_cell: Callable[[worker.Job], worker.Ready], **notes: str) -> None:
    """On as many threads as OMP_NUM_THREADS says."""
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    torch.set_num_interop_threads(1)
    settings = {"threads": torch.get_num_threads(), "interop_threads": 1}
    worker.serve(f"PyTorch {torch.__version__}", settings | notes, prepare_cell)


if __name__ == "__main__":
    serve(prepare)
