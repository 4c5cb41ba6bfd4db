"""Pictures in and out: arrays of shape (height, width, 3), uint8, channels in the order blue, green, red."""

import importlib.util
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError


class PictureError(Exception):
    """The picture can't be read or written; the message says which and why."""


def package_folder(package: str) -> Path:
    """Folder of an installed Python package, found without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise PictureError(f"the Python package '{package}' is not installed; run tools/setup")
    return Path(spec.submodule_search_locations[0])


def sample_picture() -> Path:
    """The scanned page that scikit-image ships."""
    return package_folder("skimage") / "data" / "page.png"


def read_picture(path: Path) -> np.ndarray:
    """The picture as (height, width, 3) uint8."""
    try:
        with Image.open(path) as image:
            return np.array(image.convert("RGB"))[:, :, ::-1].copy()
    except UnidentifiedImageError as error:
        raise PictureError(f"{path}: expected a PNG or JPEG picture, found something else") from error
    except OSError as error:
        raise PictureError(f"{path}: {error.strerror or error}") from error


def write_picture(path: Path, picture: np.ndarray) -> None:
    """Writes a PNG, making the folder where needed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture[:, :, ::-1]).save(path)
    except OSError as error:
        raise PictureError(f"{path}: {error.strerror}") from error


def draw_boxes(picture: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """A copy of the picture with an outline around each box; boxes: (count, 4 corners, x and y) in pixels."""
    copy = picture.copy()
    for box in boxes:
        cv2.polylines(copy, [box.round().astype(np.int32)], isClosed=True, color=(0, 0, 255), thickness=1)
    return copy


def normalise(picture: np.ndarray) -> np.ndarray:
    """(height, width, 3) uint8 in 0..255 to (3, height, width) float32 in -1..1, as both networks want it."""
    return (picture.transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / 0.5
