"""Text recognition: the network reads a line of text from left to right and gives a distribution over characters at
each step; CTC decoding drops repeats and blanks."""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnx

from . import picture as pictures

HEIGHT = 48  # of the network's input, in pixels
SHORTEST = 320  # smallest width of a batch
BATCH = 6
BLANK = 0


@dataclass
class Line:
    text: str
    confidence: float  # mean probability of its characters, 0 for no text


def alphabet(model: Path) -> list[str]:
    """Characters by class number, from the metadata of the recognition model: blank first, space last."""
    metadata = {entry.key: entry.value for entry in onnx.load(model, load_external_data=False).metadata_props}
    return ["", *metadata["character"].splitlines(), " "]


def network_width(crops: list[np.ndarray]) -> int:
    """Width of a batch: the widest crop at the network's height."""
    ratio = max(crop.shape[1] / crop.shape[0] for crop in crops)
    return int(HEIGHT * max(ratio, SHORTEST / HEIGHT))


def network_input(crops: list[np.ndarray]) -> np.ndarray:
    """Crops (height, width, 3) uint8 to one batch (count, 3, 48, width) float32, padded on the right with zeros."""
    width = network_width(crops)
    batch = np.zeros((len(crops), 3, HEIGHT, width), np.float32)
    for row, crop in zip(batch, crops):
        scaled = min(width, math.ceil(HEIGHT * crop.shape[1] / crop.shape[0]))
        row[:, :, :scaled] = pictures.normalise(cv2.resize(crop, (scaled, HEIGHT)))
    return batch


def decode(probabilities: np.ndarray, characters: list[str]) -> Line:
    """(steps, classes) to text: the best class of each step, without repeats and blanks."""
    best = probabilities.argmax(axis=1)
    kept = best != BLANK
    kept[1:] &= best[1:] != best[:-1]
    if not kept.any():
        return Line("", 0.0)
    text = "".join(characters[index] for index in best[kept])
    return Line(text, float(probabilities.max(axis=1)[kept].mean()))


def read_lines(crops: list[np.ndarray], network, characters: list[str]) -> list[Line]:
    """One line per crop. Crops of similar width share a batch, so that little of it is padding."""
    order = sorted(range(len(crops)), key=lambda index: crops[index].shape[1] / crops[index].shape[0])
    lines: list[Line] = [Line("", 0.0)] * len(crops)
    for start in range(0, len(order), BATCH):
        chosen = order[start:start + BATCH]
        output = network(network_input([crops[index] for index in chosen]))
        for index, probabilities in zip(chosen, output):
            lines[index] = decode(probabilities, characters)
    return lines
