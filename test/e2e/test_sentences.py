"""tools/similar: MiniLM's trained weights against onnxruntime, and whether like sentences are alike."""

import io
import sys
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import onnxruntime

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import tilewright
from sentences import __main__ as similar
from sentences import minilm

ALIKE = [("A man is playing a guitar.", "Someone plays an instrument."), ("The weather is lovely today.", "It's so sunny outside!"),
         ("How old are you?", "What is your age?")]
UNLIKE = [("A man is playing a guitar.", "The stock market fell by three percent."),
          ("The weather is lovely today.", "He drove to the stadium."), ("How old are you?", "A recipe for onion soup")]


class SentencesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = minilm.export()
        cls.network = tilewright.compile(cls.model)

    def vectors(self, sentences: list[str]) -> np.ndarray:
        return self.network.run(similar.tokens(sentences))["vector"]

    def test_against_onnxruntime(self):
        session = onnxruntime.InferenceSession(self.model.SerializeToString(), providers=["CPUExecutionProvider"])
        for sentences in (["one"], ["", "word " * 300], [f"{'many words ' * i}here" for i in range(17)]):
            inputs = similar.tokens(sentences)
            with self.subTest(shape=inputs["input_ids"].shape):
                np.testing.assert_allclose(self.vectors(sentences), session.run(None, inputs)[0], rtol=0, atol=2e-6)

    def test_like_sentences_are_alike(self):
        for (a, b), least, most in [*((pair, 0.5, 1.01) for pair in ALIKE), *((pair, -1, 0.2) for pair in UNLIKE)]:
            with self.subTest(a=a, b=b):
                x, y = self.vectors([a, b])
                self.assertTrue(least < x @ y < most, x @ y)

    def test_neighbours_in_a_batch_change_nothing(self):
        alone = self.vectors(["How old are you?"])[0]
        padded = self.vectors(["How old are you?", "word " * 90])[0]
        np.testing.assert_allclose(padded, alone, rtol=0, atol=1e-6)

    def test_program(self):
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as out:
            similar.main(["How old are you?", "A recipe for onion soup", "What is your age?", "--output", folder])
        lines = out.getvalue().splitlines()
        self.assertIn("What is your age?", lines[-2])
        self.assertIn("A recipe for onion soup", lines[-1])

    def test_one_sentence_is_too_few(self):
        with redirect_stderr(io.StringIO()) as err, self.assertRaises(SystemExit) as stop:
            similar.main(["alone"])
        self.assertEqual(stop.exception.code, 2)
        self.assertIn("expected at least two sentences, found one", err.getvalue())


if __name__ == "__main__":
    unittest.main()
