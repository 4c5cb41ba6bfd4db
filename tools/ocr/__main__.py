"""tools/demo [PICTURE]: reads the text off a picture with networks compiled to native code."""

import argparse
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from . import detect, picture, recognise
from .engine import ENGINES, EngineError

LEAST_CONFIDENCE = 0.5  # a line below this is not printed


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/demo", description=__doc__)
    parser.add_argument("picture", nargs="?", type=Path, help="PNG or JPEG (default: a scanned page)")
    parser.add_argument("--engine", choices=ENGINES, default="tilewright", help="what runs the networks")
    parser.add_argument("--threads", type=int, help="default: all cores")
    parser.add_argument("--output", type=Path, default=Path("demo-output"),
                        help="folder of the compiled networks and the marked picture (default: %(default)s)")
    return parser.parse_args(arguments)


@contextmanager
def timed(what: str):
    """Prints what is done and, when done, how long it took."""
    print(f"{what:<44}", end="", flush=True)
    start = time.perf_counter()
    yield
    print(f"{1000 * (time.perf_counter() - start):8.1f} ms")


def model(name: str) -> Path:
    return picture.package_folder("rapidocr_onnxruntime") / "models" / name


def load_networks(options: argparse.Namespace):
    """Detection network, recognition network, characters."""
    load = ENGINES[options.engine]
    verb = "compile" if options.engine == "tilewright" else "load"
    with timed(f"{verb} text detection (PP-OCRv4)"):
        detection = load(model("ch_PP-OCRv4_det_infer.onnx"), options.threads, options.output)
    recognition_model = model("ch_PP-OCRv4_rec_infer.onnx")
    with timed(f"{verb} text recognition (PP-OCRv4)"):
        recognition = load(recognition_model, options.threads, options.output)
    return detection, recognition, recognise.alphabet(recognition_model)


def read_text(image: np.ndarray, networks) -> tuple[list[detect.Box], list[recognise.Line]]:
    """Boxes and lines of text of a picture, in reading order, printing the time of each step."""
    detection, recognition, characters = networks
    with timed("prepare the picture"):
        tensor = detect.network_input(image)
    with timed(f"find text, {tensor.shape[3]} x {tensor.shape[2]} pixels"):
        probability = detection(tensor)[0, 0]
    with timed("draw boxes around it"):
        boxes = detect.boxes_of_map(probability, image.shape[:2])
        crops = [detect.crop(image, box.corners) for box in boxes]
    with timed(f"read {len(boxes)} boxes"):
        lines = recognise.read_lines(crops, recognition, characters)
    return boxes, lines


def report(boxes: list[detect.Box], lines: list[recognise.Line]) -> None:
    """Prints each line with its confidence."""
    print()
    for line in lines:
        print(f"{line.confidence:6.1%}  {line.text}")
    if not boxes:
        print("no text found")
    print()


def run(options: argparse.Namespace) -> None:
    source = options.picture or picture.sample_picture()
    image = picture.read_picture(source)
    print(f"picture: {source} ({image.shape[1]} x {image.shape[0]})\n")
    boxes, lines = read_text(image, load_networks(options))
    kept = [(box, line) for box, line in zip(boxes, lines) if line.confidence >= LEAST_CONFIDENCE]
    boxes, lines = [box for box, _ in kept], [line for _, line in kept]
    report(boxes, lines)
    marked = options.output / f"{source.stem}-boxes.png"
    picture.write_picture(marked, picture.draw_boxes(image, [box.corners for box in boxes]))
    print(f"the picture with its boxes: {marked.resolve()}")


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    try:
        run(options)
    except (picture.PictureError, EngineError) as error:
        print(f"\ntools/demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
