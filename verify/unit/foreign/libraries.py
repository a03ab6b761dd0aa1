"""Networks in PyTorch and in JAX with their own gradients (needs scripts/setup --peers)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

jax.config.update("jax_enable_x64", True)

Tree = list[tuple[str, Any]]
"""A layer's name with its sizes, or with its own layers (residual)."""

NAMES = (
    "affine layer_norm residual relu leaky_relu elu gelu gelu_tanh silu sigmoid softplus tanh softmax log_softmax"
).split()


def parsed(text: str) -> Tree:
    """A network text as a tree."""
    tokens = re.findall(r"[a-z_]+|\d+|[(),]", text)

    def layers(end: str) -> Tree:
        found: Tree = []
        while tokens and tokens[0] != end:
            name = tokens.pop(0)
            if name not in NAMES:
                raise ValueError(name)
            content: Any = []
            if tokens and tokens[0] == "(":
                tokens.pop(0)
                if name == "residual":
                    content = layers(")")
                else:
                    while tokens[0] != ")":
                        content.append(int(tokens.pop(0).replace(",", "0")))
                    content = content[::2]  # without the commas
                tokens.pop(0)
            found.append((name, content))
        return found

    return layers("")


def leaves(tree: Tree) -> list[tuple[str, list[int]]]:
    """The layers with parameters, in the order of the parameters."""
    found = []
    for name, content in tree:
        found += leaves(content) if name == "residual" else [(name, content)] if content else []
    return found


def size(name: str, content: list[int]) -> int:
    """How many parameters a layer has."""
    return content[0] * content[1] + content[1] if name == "affine" else 2 * content[0]


class Library:
    """What both libraries share: the walk through the network. The mathematics is theirs."""

    layers: dict[str, Callable]

    def __init__(self, text: str, loss: str, dtype: type) -> None:
        self.tree, self.loss, self.dtype = parsed(text), loss, dtype

    def parameters(self, rng: np.random.Generator) -> np.ndarray:
        """Weights of variance 1/n_in, gains around 1, and biases and shifts that are not zero."""
        parts = []
        for name, content in leaves(self.tree):
            if name == "affine":
                n_in, n_out = content
                parts += [rng.normal(0, 1 / np.sqrt(n_in), n_in * n_out), rng.normal(0, 0.1, n_out)]
            else:
                parts += [rng.normal(1, 0.2, content[0]), rng.normal(0, 0.1, content[0])]
        return np.concatenate(parts).astype(self.dtype)

    def run(self, tree: Tree, value: Any, theta: list) -> Any:
        """The value behind the layers; takes their parameters off the front of theta."""
        for name, content in tree:
            if name == "residual":
                value = value + self.run(content, value, theta)
            elif content:
                value = self.layers[name](value, theta.pop(0), theta.pop(0))
            else:
                value = self.layers[name](value)
        return value

    def split(self, theta: Any) -> list:
        """The flat parameters as the arrays of the layers."""
        parts, begin = [], 0
        for name, content in leaves(self.tree):
            if name == "affine":
                n_in, n_out = content
                parts += [theta[begin : begin + n_in * n_out].reshape(n_out, n_in)]
                parts += [theta[begin + n_in * n_out : begin + n_in * n_out + n_out]]
            else:
                parts += [theta[begin : begin + content[0]], theta[begin + content[0] : begin + 2 * content[0]]]
            begin += size(name, content)
        return parts

    def gradient(self, theta: np.ndarray, x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of the mean loss, by the parameters (flat) and the inputs (samples x features)."""
        raise NotImplementedError


class PyTorch(Library):
    """torch.nn.functional and torch.autograd."""

    layers = {
        "affine": F.linear,
        "layer_norm": lambda x, gain, shift: F.layer_norm(x, x.shape[-1:], gain, shift),
        "relu": F.relu,
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "gelu": F.gelu,
        "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
        "silu": F.silu,
        "sigmoid": torch.sigmoid,
        "softplus": F.softplus,
        "tanh": torch.tanh,
        "softmax": lambda x: F.softmax(x, -1),
        "log_softmax": lambda x: F.log_softmax(x, -1),
    }

    def gradient(self, theta: np.ndarray, x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By loss.backward()."""
        t, at, y = (torch.from_numpy(np.array(a)) for a in (theta, x, target))
        parts = [part.clone().requires_grad_() for part in self.split(t)]
        at.requires_grad_()
        z = self.run(self.tree, at, list(parts))
        if self.loss == "softmax_cross_entropy":
            loss = F.cross_entropy(z, y)
        elif self.loss == "cross_entropy":
            loss = F.nll_loss(torch.log(z), y)
        elif self.loss == "sigmoid_cross_entropy":
            loss = F.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(x)
        elif self.loss == "binary_cross_entropy":
            loss = F.binary_cross_entropy(z, y, reduction="sum") / len(x)
        else:
            loss = F.mse_loss(z, y, reduction="sum") / len(x)
        loss.backward()
        flat = torch.nn.utils.parameters_to_vector([part.grad for part in parts])
        return flat.numpy(), at.grad.numpy()


def jax_layer_norm(x: jax.Array, gain: jax.Array, shift: jax.Array) -> jax.Array:
    """As the libraries above JAX write it."""
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    return gain * centred * jax.lax.rsqrt(jnp.mean(centred**2, axis=-1, keepdims=True) + 1e-5) + shift


class Jax(Library):
    """jax.nn and jax.grad, compiled by jax.jit as a whole."""

    layers = {
        "affine": lambda x, weight, bias: x @ weight.T + bias,
        "layer_norm": jax_layer_norm,
        "relu": jax.nn.relu,
        "leaky_relu": jax.nn.leaky_relu,
        "elu": jax.nn.elu,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "gelu_tanh": lambda x: jax.nn.gelu(x, approximate=True),
        "silu": jax.nn.silu,
        "sigmoid": jax.nn.sigmoid,
        "softplus": jax.nn.softplus,
        "tanh": jnp.tanh,
        "softmax": jax.nn.softmax,
        "log_softmax": jax.nn.log_softmax,
    }

    def value(self, theta: jax.Array, x: jax.Array, target: jax.Array) -> jax.Array:
        """The mean loss."""
        z = self.run(self.tree, x, self.split(theta))
        if self.loss.endswith("softmax_cross_entropy") or self.loss == "cross_entropy":
            logs = jnp.log(z) if self.loss == "cross_entropy" else jax.nn.log_softmax(z)
            loss = -jnp.take_along_axis(logs, target[:, None], axis=1)
        elif self.loss == "sigmoid_cross_entropy":
            loss = jax.nn.softplus(z) - target * z
        elif self.loss == "binary_cross_entropy":
            loss = -target * jnp.log(z) - (1 - target) * jnp.log1p(-z)
        else:
            loss = (z - target) ** 2
        return jnp.sum(loss) / len(x)

    def gradient(self, theta: np.ndarray, x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By jax.grad."""
        if not hasattr(self, "compiled"):
            self.compiled = jax.jit(jax.grad(self.value, (0, 1)))
        by_theta, by_x = self.compiled(theta, x, target)
        return np.array(by_theta), np.array(by_x)
