# Peer of reverse_vjp: PyTorch, needs torch
"""PyTorch with the loss compiled by torch.compile; its compilation is not timed."""

from __future__ import annotations

import pytorch_eager
import torch
import worker


def prepare(job: worker.Job) -> worker.Ready:
    """Loss and gradient of one cell."""
    parameters, x, y = pytorch_eager.arrays(job)
    torch._dynamo.reset()
    loss = torch.compile(pytorch_eager.loss_of(job), dynamic=False)
    return worker.Ready(lambda: torch.autograd.grad(loss(parameters, x, y), parameters), pytorch_eager.flat)


if __name__ == "__main__":
    pytorch_eager.serve(prepare)
