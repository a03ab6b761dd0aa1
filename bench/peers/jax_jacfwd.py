# Peer of jacobian_structured: JAX, needs jax
"""JAX's explicit Jacobian by forward mode: as jax_jacrev, with jacfwd in place of jacrev."""

from __future__ import annotations

import jax
import jax_jacrev
import jax_jit

if __name__ == "__main__":
    jax_jit.serve(jax_jacrev.prepare_by(jax.jacfwd, forward=True), jacobian="vmap of jacfwd")
