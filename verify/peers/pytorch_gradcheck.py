"""torch.autograd.gradcheck, the real one with its default tolerances, entry by entry and in its fast mode."""

from __future__ import annotations

import warnings

import torch
from oracle import Case, Rule, main
from torch.autograd.gradcheck import GradcheckError


class Claimed(torch.autograd.Function):
    """The case as a function of PyTorch, whose backward step is the claimed product."""

    @staticmethod
    def forward(ctx, x: torch.Tensor, case: Case) -> torch.Tensor:  # type: ignore[override]
        """f(x)."""
        ctx.case = case
        ctx.save_for_backward(x)
        return torch.from_numpy(case.value(x.detach().numpy()))

    @staticmethod
    def backward(ctx, cotangent: torch.Tensor) -> tuple[torch.Tensor, None]:  # type: ignore[override]
        """The claimed J^T v."""
        (x,) = ctx.saved_tensors
        return torch.from_numpy(ctx.case.vjp(x.detach().numpy(), cotangent.detach().numpy())), None


def gradcheck(case: Case, fast: bool) -> None:
    """Raises GradcheckError for what it rejects."""
    x = torch.from_numpy(case.x.copy()).requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it advises against float32
        torch.autograd.gradcheck(lambda at: Claimed.apply(at, case), (x,), fast_mode=fast)


def rule(name: str, fast: bool) -> Rule:
    """With the version that ran in its name."""
    version = torch.__version__.split("+")[0]
    source = f"torch.autograd.gradcheck itself, fast_mode={fast}"
    return Rule(f"{name} (PyTorch {version})", source, lambda case: gradcheck(case, fast), (GradcheckError,))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main([rule("pytorch_gradcheck_slow", False), rule("pytorch_gradcheck_fast", True)])
