"""jax.test_util.check_grads, the real one with its default tolerances, in forward and in reverse mode."""

from __future__ import annotations

import os

os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.test_util  # noqa: E402
import numpy as np  # noqa: E402
from oracle import Case, Rule, main  # noqa: E402

# A callback that waits for an array while the computation that makes it waits for the callback would hang.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def called(function, entries: int, like: np.ndarray, *arguments):
    """A product of the oracle inside a computation of JAX."""
    shape = jax.ShapeDtypeStruct((entries,), like.dtype)
    return jax.pure_callback(lambda *a: function(*(np.asarray(x) for x in a)), shape, *arguments)


def reverse(case: Case):
    """The case as a function of JAX with the claimed vector-Jacobian product."""

    @jax.custom_vjp
    def f(x):
        return called(case.value, case.outputs, case.x, x)

    f.defvjp(lambda x: (f(x), x), lambda x, v: (called(case.vjp, case.x.size, case.x, x, v),))
    return f


def forward(case: Case):
    """The case as a function of JAX with J v of the claimed J."""

    @jax.custom_jvp
    def f(x):
        return called(case.value, case.outputs, case.x, x)

    f.defjvp(lambda at, v: (f(*at), called(case.jvp, case.outputs, case.x, *at, *v)))
    return f


def check_grads(case: Case, mode: str) -> None:
    """Raises AssertionError for what it rejects."""
    jax.config.update("jax_enable_x64", case.scalar == "double")
    function = forward(case) if mode == "fwd" else reverse(case)
    jax.test_util.check_grads(function, (case.x,), order=1, modes=[mode])


def rule(mode: str) -> Rule:
    """With the version that ran in its name."""
    source = f"jax.test_util.check_grads itself, modes=[{mode}], order=1"
    name = f"jax_check_grads_{mode} (JAX {jax.__version__})"
    return Rule(name, source, lambda case: check_grads(case, mode), (AssertionError,))


if __name__ == "__main__":
    main([rule("fwd"), rule("rev")])
