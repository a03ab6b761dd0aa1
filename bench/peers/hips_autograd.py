# Peer of reverse_vjp: autograd, needs autograd
"""HIPS autograd on NumPy: value_and_grad by all parameters. Double only: it promotes single precision in places."""

from __future__ import annotations

from collections.abc import Callable

import autograd
import autograd.numpy as np
import worker

ACTIVATIONS: dict[str, Callable] = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": lambda x: 0.5 * (np.tanh(0.5 * x) + 1.0),
    "identity": lambda x: x,
}


def softmax_cross_entropy(z, y):  # noqa: ANN001, ANN201 - arrays of the library
    """Mean over the samples, with class indices."""
    shift = np.max(z, axis=1, keepdims=True)
    logs = z - shift - np.log(np.sum(np.exp(z - shift), axis=1, keepdims=True))
    return -np.mean(logs[np.arange(z.shape[0]), y])


LOSSES = {
    "softmax_cross_entropy": softmax_cross_entropy,
    "squared_error": lambda z, y: np.mean(np.sum((z - y) ** 2, axis=1)),
}


def prepare(job: worker.Job) -> worker.Ready:
    """Loss and gradient of one cell."""
    for layer in job.layers:
        if layer.name not in ACTIVATIONS and layer.name != "affine":
            raise worker.Unsupported(f"layer {layer.name} is not translated")
    if job.loss not in LOSSES or job.scalar != "double":
        raise worker.Unsupported(f"loss {job.loss} in {job.scalar} is not translated")
    names = [layer.name for layer in job.layers]

    def loss(parameters):  # noqa: ANN001, ANN202 - arrays of the library
        x, pairs = job.x, iter(parameters)
        for name in names:
            if name == "affine":
                weight, bias = next(pairs)
                x = np.dot(x, weight.T) + bias
            else:
                x = ACTIVATIONS[name](x)
        return LOSSES[job.loss](x, job.y)

    function = autograd.value_and_grad(loss)
    parameters = [list(pair) for pair in job.affine_parameters()]
    return worker.Ready(
        lambda: function(parameters),
        lambda result: np.concatenate([np.ravel(array) for pair in result[1] for array in pair]),
    )


if __name__ == "__main__":
    worker.serve(f"autograd {getattr(autograd, '__version__', '')}".strip(), {}, prepare)
