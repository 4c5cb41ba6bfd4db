"""The demo reads what onnxruntime reads with the same pre- and post-processing."""

import contextlib
import difflib
import io
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from ocr import detect, picture, recognise
from ocr.__main__ import load_networks, main, parse_arguments, read_text

LEAST_SHARE_OF_CHARACTERS = 0.95
LARGEST_CORNER_SHIFT = 2.0  # pixels


def run_demo(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()


def read_page(engine: str, folder: str) -> tuple[np.ndarray, str]:
    """Corners (boxes, 4, 2) and text of the scanned page."""
    with contextlib.redirect_stdout(io.StringIO()):
        networks = load_networks(parse_arguments(["--engine", engine, "--output", folder]))
        boxes, lines = read_text(picture.read_picture(picture.sample_picture()), networks)
    return np.array([box.corners for box in boxes]), "\n".join(line.text for line in lines)


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            cls.boxes, cls.text = read_page("tilewright", folder)
            cls.expected_boxes, cls.expected_text = read_page("onnxruntime", folder)

    def test_reads_the_same_text(self):
        matcher = difflib.SequenceMatcher(None, self.expected_text, self.text, autojunk=False)
        same = sum(block.size for block in matcher.get_matching_blocks())
        self.assertGreaterEqual(same / len(self.expected_text), LEAST_SHARE_OF_CHARACTERS, self.text)

    def test_finds_the_same_boxes(self):
        self.assertEqual(self.boxes.shape, self.expected_boxes.shape)
        self.assertLessEqual(np.abs(self.boxes - self.expected_boxes).max(), LARGEST_CORNER_SHIFT)

    def test_text_is_the_page(self):
        self.assertIn("segmentation", self.text)
        self.assertIn("two extreme parts of the", self.text)


class CommandTest(unittest.TestCase):
    """What the command says; onnxruntime runs the networks, since they are not the point here."""

    def test_draws_boxes_into_a_copy(self):
        with tempfile.TemporaryDirectory() as folder:
            code, out, _ = run_demo("--engine", "onnxruntime", "--output", folder)
            marked = Path(folder) / "page-boxes.png"
            self.assertEqual(code, 0)
            self.assertIn(str(marked.resolve()), out)
            self.assertTrue((picture.read_picture(marked) == (0, 0, 255)).all(axis=2).any())

    def test_missing_picture(self):
        code, _, err = run_demo("--engine", "onnxruntime", "no-such.png")
        self.assertEqual(code, 1)
        self.assertIn("no-such.png: No such file or directory", err)

    def test_not_a_picture(self):
        code, _, err = run_demo("--engine", "onnxruntime", __file__)
        self.assertEqual(code, 1)
        self.assertIn("expected a PNG or JPEG picture", err)


class PostProcessingTest(unittest.TestCase):
    def test_corners_are_ordered_clockwise_from_the_top_left(self):
        ordered = detect.order_corners(np.array([[9, 5], [1, 1], [9, 1], [1, 5]], np.float32))
        np.testing.assert_array_equal(ordered, [[1, 1], [9, 1], [9, 5], [1, 5]])

    def test_a_blob_becomes_a_grown_box(self):
        probability = np.zeros((64, 128), np.float32)
        probability[20:30, 10:90] = 0.9
        box, = detect.boxes_of_map(probability, probability.shape)
        self.assertGreater(box.score, 0.8)  # the dilated rim counts too
        distance = 80 * 10 * detect.UNCLIP_RATIO / (2 * 90)
        np.testing.assert_allclose(box.corners[0], [10 - distance, 20 - distance], atol=1.5)

    def test_rows_come_before_columns(self):
        boxes = [detect.Box(np.array([[x, y], [x + 9, y], [x + 9, y + 4], [x, y + 4]], float), 1.0)
                 for x, y in ((50, 1), (0, 20), (0, 0))]
        self.assertEqual([tuple(box.corners[0]) for box in detect.reading_order(boxes)], [(0, 0), (50, 1), (0, 20)])

    def test_repeats_and_blanks_are_dropped(self):
        steps = np.eye(4, dtype=np.float32)[[0, 1, 1, 0, 1, 2, 2, 3]]
        self.assertEqual(recognise.decode(steps, ["", "a", "b", " "]).text, "aab ")

    def test_nothing_read(self):
        line = recognise.decode(np.eye(4, dtype=np.float32)[[0, 0]], ["", "a", "b", " "])
        self.assertEqual((line.text, line.confidence), ("", 0.0))


if __name__ == "__main__":
    unittest.main()
