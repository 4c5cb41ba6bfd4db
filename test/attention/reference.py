"""Attention in numpy, float64: what nn.attention means."""

import numpy as np


def attention(q, k, v, *, scale=None, bias=None, mask=None, mask_value=-np.inf, causal=None, window=0, softcap=0.0,
              lengths=None, offsets=None, dead_rows=0.0):
    """q [B, H, N, D], k [B, G, M, D], v [B, G, M, E]; `causal` is None or the key at which query 0 stands."""
    q, k, v = (np.asarray(x, np.float64) for x in (q, k, v))
    group = q.shape[1] // k.shape[1]
    k, v = np.repeat(k, group, 1), np.repeat(v, group, 1)
    scores = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if softcap:
        scores = softcap * np.tanh(scores / softcap)
    if mask is not None:
        scores = np.where(mask, scores, mask_value)
    if bias is not None:
        scores = scores + np.asarray(bias, np.float64)
    rows, columns = np.arange(q.shape[2])[:, None], np.arange(k.shape[2])[None, :]
    if lengths is not None:
        scores = np.where(columns < np.reshape(lengths, (-1, 1, 1, 1)), scores, -np.inf)
    if causal is not None:
        start = np.reshape(causal if offsets is None else offsets, (-1, 1, 1, 1))
        scores = np.where(columns <= rows + start, scores, -np.inf)
        if window:
            scores = np.where(columns > rows + start - window, scores, -np.inf)
    largest = scores.max(-1, keepdims=True)
    dead = np.isneginf(largest)
    powers = np.exp(scores - np.where(dead, 0, largest))
    with np.errstate(invalid="ignore"):
        result = powers / powers.sum(-1, keepdims=True) @ v
    return np.where(dead, dead_rows, result)
