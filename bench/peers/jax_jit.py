# Peer of reverse_vjp: JAX, needs jax
"""JAX: jit of value_and_grad by all parameters; its compilation is not timed."""

from __future__ import annotations

import os
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import worker

ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "elu": jax.nn.elu,
    "silu": jax.nn.silu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: jax.nn.gelu(x, approximate=True),
    "leaky_relu": jax.nn.leaky_relu,
    "identity": lambda x: x,
}


def softmax_cross_entropy(z: jax.Array, y: jax.Array) -> jax.Array:
    """Mean over the samples, with class indices."""
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))


LOSSES = {
    "softmax_cross_entropy": softmax_cross_entropy,
    "squared_error": lambda z, y: jnp.mean(jnp.sum((z - y) ** 2, axis=1)),
}


def outputs_of(job: worker.Job) -> Callable[[list, jax.Array], jax.Array]:
    """The network's outputs as a function of the parameters ([weight, bias], ...) and the inputs."""
    for layer in job.layers:
        if layer.name not in ACTIVATIONS and layer.name != "affine":
            raise worker.Unsupported(f"layer {layer.name} is not translated")
    if job.loss not in LOSSES:
        raise worker.Unsupported(f"loss {job.loss} is not translated")
    steps = [layer.name for layer in job.layers]

    def outputs(parameters: list, x: jax.Array) -> jax.Array:
        pairs = iter(parameters)
        for name in steps:
            if name == "affine":
                weight, bias = next(pairs)
                x = x @ weight.T + bias
            else:
                x = ACTIVATIONS[name](x)
        return x

    return outputs


def loss_of(job: worker.Job) -> Callable[[list, jax.Array, jax.Array], jax.Array]:
    """The loss as a function of the parameters, the inputs and the targets."""
    outputs, loss = outputs_of(job), LOSSES.get(job.loss)
    return lambda parameters, x, y: loss(outputs(parameters, x), y)


def ready(job: worker.Job, gradient: Callable[[list, jax.Array, jax.Array], list], heavy: bool = False) -> worker.Ready:
    """A call of `gradient`, compiled. If it is heavy, raises worker.Beyond where XLA plans for more memory than the cell
    may have."""
    function = jax.jit(gradient)
    parameters = [[jnp.asarray(array) for array in pair] for pair in job.affine_parameters()]
    x, y = jnp.asarray(job.x), jnp.asarray(job.y)
    if heavy:  # compiled once more, only to be asked: calls of what is compiled ahead of time take longer than jit's
        job.check_bytes("XLA", function.lower(parameters, x, y).compile().memory_analysis().temp_size_in_bytes)
    return worker.Ready(
        lambda: jax.block_until_ready(function(parameters, x, y)),
        lambda result: np.concatenate([np.asarray(array).ravel() for pair in result[1] for array in pair]),
    )


def prepare(job: worker.Job) -> worker.Ready:
    """Loss and gradient of one cell."""
    return ready(job, jax.value_and_grad(loss_of(job)))


def serve(prepare_cell: Callable[[worker.Job], worker.Ready], **settings: str) -> None:
    """On as many threads as the environment says."""
    jax.config.update("jax_enable_x64", True)
    flags = {"threads": os.environ["OMP_NUM_THREADS"], "XLA_FLAGS": os.environ.get("XLA_FLAGS", "")}
    worker.serve(f"JAX {jax.__version__}", flags | settings, prepare_cell)


if __name__ == "__main__":
    serve(prepare)
