"""Transformers as torch's two exporters write them: every attention is found and fused (but for what `is_fused` says), and
results are onnxruntime's, at several sizes where sizes are symbols. A few on the PTX emulator. TILEWRIGHT_TEST_FULL=1 takes all graphs in place of a few of each family."""

import os
import sys
import unittest
from pathlib import Path

import numpy as np
import onnx

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent / "exported")]

import recipe
import tilewright as tw
from test_fusion import causal_count, expected, sites

FULL = bool(os.environ.get("TILEWRIGHT_TEST_FULL"))
MODELS = recipe.manifest()
# How many attentions each family has.
SITES = {"bert": 2, "clip": 4, "detr": 6, "gpt2": 2, "gpt2_prefill": 2, "llama": 2, "llama_prefill": 2, "swin": 4, "t5": 6, "t5_decoder": 4,
         "torch_transformer": 2, "unet": 8, "vit": 2, "whisper": 6}
SUBSET = ("script17-eager-dynamic", "dynamo18-sdpa-dynamic", "dynamo23-sdpa-dynamic")
ON_EMULATOR = ("bert-dynamo18-sdpa-dynamic", "llama-script17-eager-dynamic", "torch_transformer-dynamo18-sdpa-dynamic",
               "vit-script17-eager-dynamic")
# Two layers of sums in another order: as far as onnxruntime and torch are apart (models.json), and a margin.
TOLERANCE = 2e-5


# A slice in a kernel of unknown size is copied there, and the number of blocks is that of the copy: not compiled yet.
NOT_COMPILED = ("detr", "dynamic")


def names(family: str) -> list[str]:
    """A few or all; where none of the few compiles, the static ones."""
    found = [name for name, about in MODELS.items() if about["family"] == family]
    found = [name for name in found if not (name.startswith(NOT_COMPILED[0]) and name.endswith(NOT_COMPILED[1]))]
    return found if FULL else [name for name in found if name.endswith(SUBSET)] or found[:2]


def count(name: str) -> int:
    """DETR's decoder begins with an attention of constants, which is one too where the batch is known."""
    family, _, _, sizes = name.split("-")
    return SITES[family] - ((family, sizes) == ("detr", "static"))


def is_fused(name: str) -> bool:
    """Whether all are fused. The old exporter's graphs with symbols ask so much about sizes that two may not be known to be equal;
    so do DETR's, and batch-folded products with a summand (baddbmm)."""
    family, exporter, _, sizes = name.split("-")
    asks = exporter.startswith("script") or (family, exporter) == ("unet", "dynamo20")
    return sizes == "static" or exporter == "dynamo23" or not (asks or family == "detr")


class ExportedTest(unittest.TestCase):
    def check_results(self, name: str, model: onnx.ModelProto, **options) -> None:
        compiled = tw.compile(model, **options)
        for sizes in MODELS[name]["sizes"]:
            with self.subTest(name, **sizes):
                inputs = recipe.inputs(MODELS[name]["inputs"], sizes)
                results = compiled.run(inputs).values()
                for found, right in zip(results, expected(model, inputs), strict=True):
                    self.assertEqual(found.shape, right.shape)
                    self.assertLess(np.abs(found - right).max() / max(np.abs(right).max(), 1e-30), TOLERANCE)

    def check_family(self, family: str) -> None:
        self.assertTrue(names(family))
        for name in names(family):
            with self.subTest(name):
                model = recipe.load(name)
                found = sites(model)
                self.assertEqual(len(found), count(name))
                if is_fused(name):
                    self.assertTrue(all(site["fused"] for site in found), found)
                self.check_results(name, model)

    def test_on_the_emulator(self):
        for name in ON_EMULATOR:
            with self.subTest(name):
                self.check_results(name, recipe.load(name), target="ptx", device="emulator")

    def test_causal_masks_are_causality(self):
        """Where padding hides keys by a finite number too, a query may see none, and all keys count: no causality."""
        for name, number in {"gpt2-dynamo23-sdpa-dynamic": 2, "llama-dynamo23-sdpa-dynamic": 2,
                             "llama_prefill-dynamo23-sdpa-dynamic": 2, "llama_prefill-dynamo18-sdpa-dynamic": 0}.items():
            with self.subTest(name):
                self.assertEqual(causal_count(recipe.load(name)), number)

    def test_every_family_is_there(self):
        self.assertEqual(set(SITES), {about["family"] for about in MODELS.values()})


for _family in SITES:
    setattr(ExportedTest, f"test_{_family}", lambda self, family=_family: self.check_family(family))


if __name__ == "__main__":
    unittest.main()
