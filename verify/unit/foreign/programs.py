"""Correct floating-point programs that compute the gradient of a network, some of them sloppy on purpose."""

from __future__ import annotations

import dataclasses
import re

import numpy as np


@dataclasses.dataclass
class Habits:
    """How a program computes; every choice is correct, none is careful."""

    dtype: type = np.float32
    sequential: bool = False  # sums one after the other, in the scalar
    ulp: float = 0.0  # elementary functions are off by so many ulp, always upwards
    bfloat16: bool = False  # every array is rounded to bfloat16
    scattered: bool = False  # the functions' errors are random within +-ulp, not always to one side
    differences: bool = False  # elu' = elu + 1, and variances as mean(x^2) - mean(x)^2


def to_bfloat16(x: np.ndarray) -> np.ndarray:
    """Rounded to 8 significant bits, to nearest even, in float32."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32).astype(np.uint64)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return rounded.astype(np.uint32).view(np.float32).reshape(x.shape)


class Program:
    """Affine layers, layer norms and activations, forward and reverse, in NumPy."""

    def __init__(self, text: str, loss: str, habits: Habits) -> None:
        self.layers = []
        self.loss, self.habits = loss, habits
        self.calls = 0
        for name, numbers in re.findall(r"([a-z_]+)(?:\(([0-9,]+)\))?", text):
            sizes = [int(n) for n in numbers.split(",")] if numbers else []
            self.layers.append((name, sizes))

    def _round(self, x: np.ndarray) -> np.ndarray:
        x = np.asarray(x, self.habits.dtype)
        return to_bfloat16(x) if self.habits.bfloat16 else x

    def _function(self, y: np.ndarray) -> np.ndarray:
        """A library's error: always to the same side, or scattered."""
        unit = 2.0**-7 if self.habits.bfloat16 else np.finfo(self.habits.dtype).eps
        error = np.full(y.shape, self.habits.ulp * unit)
        if self.habits.scattered:
            self.calls += 1
            error *= np.random.default_rng(self.calls).uniform(-1, 1, y.shape)
        return self._round(y * (1 + error).astype(self.habits.dtype))

    def _product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if not self.habits.sequential:
            return self._round(a @ b)
        total = np.zeros((a.shape[0], b.shape[1]), self.habits.dtype)
        for k in range(a.shape[1]):
            total = self._round(total + self._round(np.outer(a[:, k], b[k])))
        return total

    def _sum(self, a: np.ndarray) -> np.ndarray:
        if not self.habits.sequential:
            return self._round(a.sum(axis=0, dtype=self.habits.dtype))
        total = np.zeros(a.shape[1], self.habits.dtype)
        for row in a:
            total = self._round(total + row)
        return total

    def _mean(self, a: np.ndarray) -> np.ndarray:
        """Of every row, as a column."""
        return self._round(self._sum(a.T) / self.habits.dtype(a.shape[1]))[:, None]

    def _normalise(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(x - mean)/deviation of every row, and 1/deviation."""
        mean = self._mean(x)
        if self.habits.differences:
            variance = np.maximum(self._round(self._mean(self._round(x * x)) - self._round(mean * mean)), 0)
        else:
            variance = self._mean(self._round(self._round(x - mean) ** 2))
        inverse = self._round(1 / np.sqrt(self._round(variance + self.habits.dtype(1e-5))))
        return self._round(self._round(x - mean) * inverse), inverse

    def parameters(self, rng: np.random.Generator, gain: float = 1.0) -> np.ndarray:
        parts = []
        for name, sizes in self.layers:
            if name == "affine":
                n_in, n_out = sizes
                parts += [rng.normal(0, gain / np.sqrt(n_in), n_in * n_out), rng.normal(0, 0.1, n_out)]
            elif name == "layer_norm":
                parts += [rng.normal(1, 0.2, sizes[0]), rng.normal(0, 0.1, sizes[0])]
        return self._round(np.concatenate(parts))

    def gradient(self, theta: np.ndarray, x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of the mean loss, by the parameters (flat) and the inputs (samples x features)."""
        one = self.habits.dtype(1)
        states, offset = [], 0
        value = self._round(x)
        for name, sizes in self.layers:
            if name == "affine":
                n_in, n_out = sizes
                weight = self._round(theta[offset : offset + n_in * n_out].reshape(n_out, n_in))
                bias = self._round(theta[offset + n_in * n_out : offset + n_in * n_out + n_out])
                offset += n_in * n_out + n_out
                states.append((name, value, weight))
                value = self._round(self._product(value, weight.T) + bias)
            elif name == "layer_norm":
                scale, shift = (theta[offset + k * sizes[0] :][: sizes[0]] for k in (0, 1))
                offset += 2 * sizes[0]
                h, inverse = self._normalise(value)
                states.append((name, h, (inverse, scale)))
                value = self._round(self._round(h * scale) + shift)
            else:
                before = value
                value = self._activation(name, value)
                states.append((name, before, value))
        cotangent = self._loss(value, target)
        parts: list[np.ndarray] = []
        for name, before, other in reversed(states):
            if name == "affine":
                parts.append(self._sum(cotangent))
                parts.append(self._product(cotangent.T, before).reshape(-1))
                cotangent = self._product(cotangent, other)
            elif name == "layer_norm":
                inverse, scale = other
                parts.append(self._sum(cotangent))
                parts.append(self._sum(self._round(cotangent * before)))
                h_bar = self._round(cotangent * scale)
                along = self._round(before * self._mean(self._round(h_bar * before)))
                cotangent = self._round(self._round(h_bar - self._mean(h_bar) - along) * inverse)
            elif name == "elu":
                negative = self._round(other + one) if self.habits.differences else self._function(np.exp(before))
                cotangent = self._round(cotangent * np.where(before > 0, one, negative))
            elif name == "tanh":
                cotangent = self._round(cotangent * self._round(one - self._round(other * other)))
            elif name == "sigmoid":
                cotangent = self._round(cotangent * self._round(other * self._round(one - other)))
            elif name == "relu":
                cotangent = self._round(cotangent * (before > 0))
            elif name == "softplus":
                cotangent = self._round(cotangent * self._activation("sigmoid", before))
            elif name == "silu":
                s = self._activation("sigmoid", before)
                cotangent = self._round(cotangent * self._round(s * self._round(one + before * self._round(one - s))))
        return np.concatenate(parts[::-1]), cotangent

    def _activation(self, name: str, x: np.ndarray) -> np.ndarray:
        one = self.habits.dtype(1)
        if name == "tanh":
            return self._function(np.tanh(x))
        if name == "sigmoid":
            return self._round(one / self._round(one + self._function(np.exp(-x))))
        if name == "relu":
            return np.maximum(x, 0)
        if name == "identity":
            return x
        if name == "elu":
            return np.where(x > 0, x, self._function(np.expm1(np.minimum(x, 0))))
        if name == "softplus":
            return self._function(np.log1p(self._function(np.exp(-np.abs(x))))) + np.maximum(x, 0)
        if name == "silu":
            return self._round(x * self._activation("sigmoid", x))
        raise ValueError(name)

    def _loss(self, z: np.ndarray, target: np.ndarray) -> np.ndarray:
        batch = self.habits.dtype(len(z))
        if self.loss == "squared_error":
            return self._round(self._round(2 * (z - self._round(target))) / batch)
        e = self._function(np.exp(z - z.max(axis=1, keepdims=True)))
        p = self._round(e / e.sum(axis=1, keepdims=True, dtype=self.habits.dtype))
        p[np.arange(len(z)), target] -= 1
        return self._round(p / batch)
