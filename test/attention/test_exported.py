"""Transformers as torch's two exporters write them: every attention is found and fused, and results are onnxruntime's, at
several sizes where sizes are symbols. A few on the PTX emulator. What is found is asked of all graphs; TILEWRIGHT_TEST_FULL=1
compiles and runs all of them, too, in place of a few of each family."""

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
# Those with two causal ones among them.
CAUSAL = ("clip", "gpt2", "gpt2_prefill", "llama", "llama_prefill", "whisper")
SUBSET = ("script17-eager-dynamic", "dynamo18-sdpa-dynamic", "dynamo23-sdpa-dynamic")
ON_EMULATOR = ("bert-dynamo18-sdpa-dynamic", "llama-script17-eager-dynamic", "torch_transformer-dynamo18-sdpa-dynamic",
               "vit-script17-eager-dynamic")
# Two layers of sums in another order: as far as onnxruntime and torch are apart (models.json), and a margin.
TOLERANCE = 2e-5


def names(family: str) -> list[str]:
    return [name for name, about in MODELS.items() if about["family"] == family]


def count(name: str) -> int:
    """DETR's decoder begins with an attention of constants, which is computed while compiling where they are known."""
    family, exporter, _, sizes = name.split("-")
    return SITES[family] - ((family, sizes) == ("detr", "static") and exporter in ("dynamo18", "dynamo20"))


class ExportedTest(unittest.TestCase):
    def check_results(self, name: str, model: onnx.ModelProto, **options) -> None:
        compiled = tw.compile(model, **options)
        for sizes in MODELS[name]["sizes"]:
            with self.subTest(name, **sizes):
                self.check_run(model, compiled, recipe.inputs(MODELS[name]["inputs"], sizes))

    def check_run(self, model: onnx.ModelProto, compiled: tw.Model, inputs: dict[str, np.ndarray]) -> None:
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
                self.assertEqual([site["fused"] for site in found], [True] * count(name), found)
                if FULL or name.endswith(SUBSET):
                    self.check_results(name, model)

    def test_on_the_emulator(self):
        for name in ON_EMULATOR:
            with self.subTest(name):
                self.check_results(name, recipe.load(name), target="ptx", device="emulator")

    def test_causal_masks_are_causality(self):
        causal = {name for name, about in MODELS.items() if about["family"] in CAUSAL}
        # Positions that start anew within a sequence are looked for in running sums.
        packed = {name for name in causal if name.startswith("gpt2_prefill") and name.endswith("dynamic")}
        for name in causal if FULL else [name for name in causal if name.endswith(SUBSET) or name.endswith("dynamo20-eager-static")]:
            with self.subTest(name):
                self.assertEqual(causal_count(recipe.load(name)), 0 if name in packed else 2)

    def test_options_are_those_at_the_end(self):
        """Causality is found in masks after the attention is."""
        attention = {"causal": "top_left", "offsets": True, "scale": 8**-0.5}
        wanted = {"gpt2-dynamo23-sdpa-dynamic": {**attention, "dead_rows": "zero", "mask": "tensor<?x1x1x?xi1>"},
                  "llama-script17-eager-dynamic": {**attention, "dead_rows": "nan", "bias": "tensor<?x1x?x?xf32>"}}
        for name, options in wanted.items():
            for site in sites(recipe.load(name)):
                with self.subTest(name):
                    self.assertEqual({**site["options"], "scale": np.float32(site["options"]["scale"])},
                                     {**options, "scale": np.float32(options["scale"])})

    def test_queries_that_see_no_key(self):
        """Padding hides keys by a finite number: where it hides the first ones, a query may see none, and all keys count."""
        for name in ("llama_prefill-dynamo18-sdpa-dynamic", "llama_prefill-dynamo20-eager-dynamic"):
            model = recipe.load(name)
            for options in ({}, {"target": "ptx", "device": "emulator"}):
                compiled = tw.compile(model, **options)
                for padding in (np.s_[:0], np.s_[:5], np.s_[7:], np.s_[:], np.s_[::2], np.s_[1::3]):
                    with self.subTest(name, padding=padding, **options):
                        inputs = recipe.inputs(MODELS[name]["inputs"], {"batch": 3, "length": 12})
                        inputs["attention_mask"][:] = 1
                        inputs["attention_mask"][1, padding] = 0
                        self.check_run(model, compiled, inputs)

    def test_every_family_is_there(self):
        self.assertEqual(set(SITES), {about["family"] for about in MODELS.values()})


for _family in SITES:
    setattr(ExportedTest, f"test_{_family}", lambda self, family=_family: self.check_family(family))


if __name__ == "__main__":
    unittest.main()
