# Peer of jacobian_structured: PyTorch, needs torch
"""PyTorch's explicit Jacobian: torch.func.jacrev of one sample's outputs by all parameters, mapped over the samples by
vmap, then its product with the loss's gradient by the outputs."""

from __future__ import annotations

import pytorch_eager
import torch
import worker


def prepare(job: worker.Job) -> worker.Ready:
    """Jacobian and gradient of one cell. jacrev of the whole batch would hold B times more numbers, all of them zero."""
    outputs, loss = pytorch_eager.outputs_of(job), pytorch_eager.LOSSES[job.loss]
    job.check_jacobian(forward=False)
    leaves, x, y = pytorch_eager.arrays(job)
    parameters = tuple(leaf.detach() for leaf in leaves)

    def of_sample(parameters: tuple[torch.Tensor, ...], x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        z = outputs(parameters, x)
        return z, z

    jacobian = torch.func.vmap(torch.func.jacrev(of_sample, has_aux=True), in_dims=(None, 0))
    cotangent = torch.func.grad(loss)

    def call() -> tuple[torch.Tensor, ...]:
        blocks, z = jacobian(parameters, x)
        g = cotangent(z, y)
        return tuple(torch.tensordot(g, block, dims=2) for block in blocks)

    return worker.Ready(call, pytorch_eager.flat)


if __name__ == "__main__":
    pytorch_eager.serve(prepare, jacobian="vmap of jacrev")
