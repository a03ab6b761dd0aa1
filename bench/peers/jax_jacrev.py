# Peer of jacobian_structured: JAX, needs jax
"""JAX's explicit Jacobian by reverse mode: jit of jacrev of one sample's outputs by all parameters, mapped over the
samples by vmap, and its product with the loss's gradient by the outputs."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import jax_jit
import worker


def prepare_by(mode: Callable, forward: bool) -> Callable[[worker.Job], worker.Ready]:
    """Prepares cells with jax.jacrev or jax.jacfwd. Of the whole batch they would hold B times more numbers, all of
    them zero."""

    def prepare(job: worker.Job) -> worker.Ready:
        outputs, loss = jax_jit.outputs_of(job), jax_jit.LOSSES[job.loss]
        job.check_jacobian(forward)

        def of_sample(parameters: list, x: jax.Array) -> tuple[jax.Array, jax.Array]:
            z = outputs(parameters, x)
            return z, z

        jacobian = jax.vmap(mode(of_sample, has_aux=True), in_axes=(None, 0))

        def gradient(parameters: list, x: jax.Array, y: jax.Array) -> tuple[jax.Array, list]:
            blocks, z = jacobian(parameters, x)
            value, g = jax.value_and_grad(loss)(z, y)
            return value, jax.tree.map(lambda block: jnp.tensordot(g, block, axes=2), blocks)

        return jax_jit.ready(job, gradient, heavy=True)

    return prepare


if __name__ == "__main__":
    jax_jit.serve(prepare_by(jax.jacrev, forward=False), jacobian="vmap of jacrev")
