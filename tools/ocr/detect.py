"""Text detection: the network gives each pixel a probability of being text; boxes are drawn around what is likely.

The method is differentiable binarisation (DB, arXiv:1911.08947). The network was trained to mark a shrunken kernel of
each line of text, so boxes are grown back ("unclip") at the end.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from . import picture as pictures

SHORT_SIDE = 736  # a smaller picture is enlarged until its short side has this many pixels
STRIDE = 32  # the network halves its input five times
TEXT_PROBABILITY = 0.3  # a pixel above this is text
BOX_PROBABILITY = 0.5  # a blob whose mean is below this is dropped
UNCLIP_RATIO = 1.6  # growth: area * ratio / perimeter, in pixels to each side
SMALLEST_KERNEL = 3  # pixels; shorter sides are noise
SMALLEST_BOX = 5


@dataclass
class Box:
    """Four corners (4, 2) in pixels of the picture, clockwise from the top left, and the mean text probability."""

    corners: np.ndarray
    score: float


def network_input(picture: np.ndarray) -> np.ndarray:
    """(height, width, 3) uint8 to (1, 3, H, W) float32, H and W multiples of 32."""
    height, width = picture.shape[:2]
    scale = max(1.0, SHORT_SIDE / min(height, width))
    size = [max(1, round(int(side * scale) / STRIDE)) * STRIDE for side in (width, height)]
    return pictures.normalise(cv2.resize(picture, size))[None]


def order_corners(corners: np.ndarray) -> np.ndarray:
    """Four corners in any order to clockwise from the top left."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = (pair[np.argsort(pair[:, 1], kind="stable")] for pair in (by_x[:2], by_x[2:]))
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def mean_inside(probability: np.ndarray, contour: np.ndarray) -> float:
    """Mean of the (H, W) map inside a contour. (Not inside its rectangle: a line on a curved page fills little of it.)"""
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (left, top)], 1)
    return cv2.mean(probability[top:top + height, left:left + width], mask)[0]


def unclip(rectangle):
    """Grows a rotated rectangle (centre, size, angle) by the distance that DB's training shrank it."""
    centre, (width, height), angle = rectangle
    distance = width * height * UNCLIP_RATIO / (2 * (width + height))
    return centre, (width + 2 * distance, height + 2 * distance), angle


def box_of_contour(contour: np.ndarray, probability: np.ndarray) -> Box | None:
    """The grown box around one blob of text pixels, in pixels of the map; None where it is noise."""
    kernel = cv2.minAreaRect(contour)
    if min(kernel[1]) < SMALLEST_KERNEL:
        return None
    score = mean_inside(probability, contour)
    grown = unclip(kernel)
    if score < BOX_PROBABILITY or min(grown[1]) < SMALLEST_BOX:
        return None
    return Box(order_corners(cv2.boxPoints(grown)), score)


def to_picture(box: Box, map_size: tuple[int, int], picture_size: tuple[int, int]) -> Box:
    """Box from pixels of the map to pixels of the picture, cut at its border; sizes are (height, width)."""
    scale = np.array([picture_size[1] / map_size[1], picture_size[0] / map_size[0]])
    limit = np.array([picture_size[1] - 1, picture_size[0] - 1])
    return Box(np.clip((box.corners * scale).round(), 0, limit).astype(np.float32), box.score)


def boxes_of_map(probability: np.ndarray, picture_size: tuple[int, int]) -> list[Box]:
    """Boxes of the network's (H, W) map in pixels of a picture of the given (height, width), in reading order."""
    text = cv2.dilate((probability > TEXT_PROBABILITY).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(text, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = [box_of_contour(contour, probability) for contour in contours]
    boxes = [to_picture(box, probability.shape, picture_size) for box in found if box]
    return reading_order([box for box in boxes if min(box_size(box.corners)) > SMALLEST_KERNEL])


def box_size(corners: np.ndarray) -> tuple[int, int]:
    """Width and height in pixels of the upright picture of a box: the longer of each pair of sides."""
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return int(max(sides[0], sides[2])), int(max(sides[1], sides[3]))


def reading_order(boxes: list[Box]) -> list[Box]:
    """Rows from the top, each from the left; a box belongs to a row if their tops differ by less than half a line."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.corners[0, 1]):
        if rows and box.corners[0, 1] - rows[-1][0].corners[0, 1] < box_size(box.corners)[1] / 2:
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row, key=lambda box: box.corners[0, 0])]


def crop(picture: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The box's content as an upright picture (height, width, 3); a tall box is turned by a quarter."""
    width, height = box_size(corners)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(corners, target)
    upright = cv2.warpPerspective(picture, transform, (width, height), flags=cv2.INTER_CUBIC,
                                  borderMode=cv2.BORDER_REPLICATE)
    return np.rot90(upright) if height >= 1.5 * width else upright
