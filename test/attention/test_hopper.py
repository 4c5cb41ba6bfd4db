"""Attention of 16-bit floats for sm_90a on the emulator, which finds nothing wrong with it, against numpy in float64; what ptxas
makes of it."""

import sys
import unittest
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1]),
                str(Path(__file__).resolve().parents[1] / "products")]

import sass
from products import kernels
from test_kernel import KINDS, add_kind, attention_model, error, expected, operands

import tilewright as tw

TOLERANCE = 1e-3


class EmulatorTest(unittest.TestCase):
    def check(self, x: dict[str, np.ndarray], kind: str = "none", dynamic: bool = False, hopper: bool = True, seed: int = 0,
              **attributes) -> None:
        """`hopper`: whether the schedule for sm_90a runs, whose blocks have three warpgroups, or the one for all."""
        rng = np.random.default_rng(1)
        own, arguments = add_kind(rng, x, kind)
        compiled = tw.compile(attention_model(x, {**own, **attributes}, dynamic), target="ptx:sm_90a", device="emulator",
                              emulator_seed=seed)
        found = compiled.run(x)["Y"]
        self.assertLess(error(found, expected(x, **arguments)), 2 * TOLERANCE)
        self.assertEqual([kernel["threads"] == 384 * kernel["blocks"] for kernel in compiled.counters()].count(True), hopper)

    def test_head_sizes(self):
        rng = np.random.default_rng(2)
        for sizes in [(64, 64), (128, 128), (32, 32), (40, 40), (96, 96), (160, 160), (256, 256), (72, 200), (200, 24), (16, 64)]:
            for kind in ("none", "causal"):
                with self.subTest(sizes=sizes, kind=kind):
                    self.check(operands(rng, (2, 1), (150, 250), sizes, dtype=np.float16), kind)

    def test_kinds(self):
        rng = np.random.default_rng(3)
        for kind in set(KINDS) - {"lengths"}:
            for dynamic, lengths in [(False, (113, 203)), (True, (130, 250)), (True, (300, 130)), (False, (129, 1))]:
                with self.subTest(kind=kind, dynamic=dynamic, lengths=lengths):
                    self.check(operands(rng, (4, 2), lengths, (64, 64), batch=2, dtype=np.float16), kind, dynamic)

    def test_many_steps(self):
        """As many blocks as a device wants: keys are not shared by several."""
        self.check(operands(np.random.default_rng(4), (128, 1), (130, 500), (32, 32), dtype=np.float16), "causal")

    def test_bfloat16(self):
        from ml_dtypes import bfloat16
        x = operands(np.random.default_rng(5), (2, 2), (200, 200), (64, 64), dtype=np.float32)
        x = {name: array.astype(bfloat16) for name, array in x.items()}
        compiled = tw.compile(attention_model(x, {"is_causal": 1}), target="ptx:sm_90a", device="emulator")
        self.assertLess(error(compiled.run(x)["Y"], expected(x, causal=0)), 1e-2)

    def test_orders_of_events(self):
        for seed in range(4):
            self.check(operands(np.random.default_rng(6), (2, 1), (200, 250), (256, 256), dtype=np.float16), "causal", seed=seed)

    def test_other_schedule(self):
        """Few queries, few blocks for many keys, garbage beyond a length, rows that are not aligned, no keys, f32."""
        rng = np.random.default_rng(7)
        self.check(operands(rng, (2, 1), (20, 200), (64, 64), dtype=np.float16), hopper=False)
        self.check(operands(rng, (2, 1), (100, 300), (64, 64), dtype=np.float16), hopper=False)
        self.check(operands(rng, (2, 1), (100, 300), (64, 64), dtype=np.float16), "lengths", hopper=False)
        self.check(operands(rng, (2, 1), (100, 300), (36, 36), dtype=np.float16), hopper=False)
        x = operands(rng, (2, 1), (100, 0), (64, 64), dtype=np.float16)
        self.assertFalse(tw.compile(attention_model(x, {}, True), target="ptx:sm_90a", device="emulator").run(x)["Y"].any())
        self.check(operands(rng, (2, 1), (100, 100), (64, 64), dtype=np.float32), hopper=False)

    def test_masks_that_end_before_the_keys(self):
        """Nothing that lies behind their last column is read into a product."""
        for kind in ("float mask", "bool mask"):
            for dynamic in (False, True):
                with self.subTest(kind=kind, dynamic=dynamic):
                    x = operands(np.random.default_rng(9), (2, 1), (130, 230), (64, 64), dtype=np.float16)
                    attributes, arguments = add_kind(np.random.default_rng(1), x, kind)
                    seen = {**x, "K": x["K"][:, :, :200], "V": x["V"][:, :, :200]}
                    x["attn_mask"] = np.ascontiguousarray(x["attn_mask"][..., :200])
                    x["K"][:, :, 200:] = x["V"][:, :, 200:] = np.nan
                    compiled = tw.compile(attention_model(x, attributes, dynamic), target="ptx:sm_90a", device="emulator")
                    wanted = expected(seen, **{name: array[..., :200] for name, array in arguments.items()})
                    self.assertLess(error(compiled.run(x)["Y"], wanted), 2 * TOLERANCE)
                    self.assertNotIn(True, [kernel["threads"] == 384 * kernel["blocks"] for kernel in compiled.counters()])

    def test_rows_that_see_nothing(self):
        x = operands(np.random.default_rng(8), (1, 1), (140, 250), (64, 64), dtype=np.float16)
        x["attn_mask"] = np.zeros((140, 250), bool)
        x["attn_mask"][5, 249] = x["attn_mask"][139, 0] = True
        y = tw.compile(attention_model(x, {}), target="ptx:sm_90a", device="emulator").run(x)["Y"]
        self.assertEqual(set(np.flatnonzero(y[0, 0].any(-1))), {5, 139})
        np.testing.assert_allclose(y[0, 0, 139], x["V"][0, 0, 0], rtol=1e-3)


@unittest.skipUnless(sass.ptxas(), "no ptxas")
class SassTest(unittest.TestCase):
    """Between the two waits of a step, that for scores and that for results, are the exponentials: products run beside them."""

    def code(self, sizes: tuple[int, int], kind: str) -> list[int]:
        x = operands(np.random.default_rng(9), (8, 8), (1024, 1024), sizes, batch=4, dtype=np.float16)
        attributes, _ = add_kind(np.random.default_rng(1), x, kind)
        cubin, said = sass.assemble(kernels(attention_model(x, attributes))["sm_90a"])
        self.assertEqual(sass.complaints(said), [])
        return next(code for name, code in sass.opcodes(cubin).items() if name.endswith("_p0"))

    def check(self, sizes: tuple[int, int], keys: int, kind: str = "none") -> None:
        with self.subTest(sizes=sizes, kind=kind):
            code = self.code(sizes, kind)
            self.assertFalse(sass.LOCAL_MEMORY & set(code))
            steps = self.steps(code, -(-sizes[0] // 16), keys // 16)
            self.assertGreaterEqual(len(steps), 1)
            for between, after in steps:
                # Of each of a thread's two rows, a power for each of its keys and one for earlier results.
                self.assertGreaterEqual(between.count(sass.EXPONENTIAL), 2 * keys // 4)
                self.assertEqual(after.count(sass.EXPONENTIAL), 0)

    def steps(self, code: list[int], scores: int, results: int) -> list[tuple[list[int], list[int]]]:
        """Of each step of a loop, scores' and then results' products, what comes between its two waits and what after."""
        marks = [(i, opcode) for i, opcode in enumerate(code)
                 if opcode in (sass.PRODUCT, sass.PRODUCT_OF_REGISTERS, sass.PRODUCTS_WAIT)]
        kinds = [opcode for _, opcode in marks]
        wanted = [sass.PRODUCT] * scores + [sass.PRODUCT_OF_REGISTERS] * results
        found = []
        for i in range(len(marks) - len(wanted)):
            if [k for k in kinds[i:] if k != sass.PRODUCTS_WAIT][: len(wanted)] != wanted or kinds[i] != sass.PRODUCT:
                continue
            last = max(j for j in range(i, len(marks)) if kinds[i : j + 1].count(sass.PRODUCT_OF_REGISTERS) <= results
                       and kinds[j] == sass.PRODUCT_OF_REGISTERS and kinds[i : j + 1].count(sass.PRODUCT) == scores)
            waits = [place for place, opcode in marks[last + 1 :] if opcode == sass.PRODUCTS_WAIT][:2]
            end = next((place for place, opcode in marks[last + 1 :] if opcode != sass.PRODUCTS_WAIT), len(code))
            if len(waits) == 2 and waits[1] < end:
                found.append((code[waits[0] : waits[1]], code[waits[1] : end]))
        return found

    def test_order(self):
        self.check((64, 64), 128)
        self.check((128, 128), 128)
        self.check((256, 256), 64)
        self.check((128, 128), 128, "causal")
        self.check((256, 256), 64, "causal")
        for kind in ("float mask", "bool mask"):
            self.check((64, 64), 128, kind)
            self.check((128, 128), 128, kind)


if __name__ == "__main__":
    unittest.main()
