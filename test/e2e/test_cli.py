"""The command line: what it writes and prints, its exit codes, and one clear message for every bad input."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test"))

import small_models

TILEWRIGHT = ROOT / "build/bin/tilewright"
USER_ERROR, USAGE = 1, 2


def run(*words, **settings) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **settings)


class CommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def tilewright(self, *words, code: int = 0, **settings) -> subprocess.CompletedProcess:
        done = run(TILEWRIGHT, *words, cwd=self.folder, **settings)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done

    def refuse(self, *words, says: tuple[str, ...], code: int = USER_ERROR) -> str:
        """One message on standard error, which holds all of `says`."""
        message = self.tilewright(*words, code=code).stderr
        self.assertTrue(message.startswith("error: "), message)
        for text in says:
            self.assertIn(text, message)
        return message

    def save(self, model: onnx.ModelProto, name: str = "model.onnx") -> str:
        onnx.save(model, self.folder / name)
        return name

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


class HelpTest(CommandTest):
    def test_help_has_examples(self):
        for command in ((), ("compile",), ("run",), ("bench",), ("inspect",)):
            with self.subTest(command):
                out = self.tilewright(*command, "--help").stdout
                self.assertIn("examples:", out)
                self.assertIn("tilewright", out)

    def test_version(self):
        self.assertRegex(self.tilewright("--version").stdout, r"^tilewright \d+\.\d+\.\d+ \(LLVM 22")

    def test_completion_knows_commands_and_options(self):
        for shell in ("bash", "zsh"):
            script = self.tilewright("--completion", shell).stdout
            for word in ("compile", "inspect", "--against", "--dump-dir"):
                self.assertIn(word, script)

    def test_bash_takes_the_completion(self):
        script = self.tilewright("--completion", "bash").stdout
        script += 'COMP_WORDS=(tilewright compile --du); COMP_CWORD=2; _tilewright; echo "${COMPREPLY[@]}"'
        self.assertEqual(run("bash", "-c", script).stdout.split(), ["--dump-ir", "--dump-dir"])


class UsageTest(CommandTest):
    def test_wrong_usage(self):
        for words, says in ((("nonsense",), "nonsense"), ((), "subcommand"), (("compile", "m.onnx"), "--output"),
                            (("compile", "m.onnx", "-o", "m", "--cpu", "z80"), "z80"),
                            (("compile", "m.onnx", "-o", "m", "--dim", "batch"), "NAME=SIZE"),
                            (("compile", "m.onnx", "-o", "m", "--threads", "0"), "--threads"),
                            (("bench", "m.onnx", "--against", "abacus"), "abacus")):
            with self.subTest(words):
                self.assertIn("--help", self.refuse(*words, says=(says,), code=USAGE))


class CompileTest(CommandTest):
    def test_the_name_decides_what_is_written(self):
        model = self.save(small_models.add())
        self.tilewright("compile", model, "-o", "add", "--quiet")
        self.tilewright("compile", model, "-o", "add.so", "--quiet")
        self.assertEqual(self.files(), {model, "add", "add.so", "add.h"})
        self.assertTrue(os.access(self.folder / "add", os.X_OK))

    def test_stages_as_text(self):
        model = self.save(small_models.add())
        for emit, holds in (("nn", "nn.add"), ("tile", "scf.forall"), ("rt", "rt."), ("llvm", "define")):
            with self.subTest(emit):
                self.tilewright("compile", model, "-o", f"add.{emit}", "--emit", emit, "--quiet")
                self.assertIn(holds, (self.folder / f"add.{emit}").read_text())
        self.assertIn("nn.add", self.tilewright("compile", model, "-o", "-", "--emit", "nn", "--quiet").stdout)

    def test_objects(self):
        model = self.save(small_models.add())
        self.tilewright("compile", model, "-o", "add.a", "--quiet")
        self.assertTrue((self.folder / "add.a").read_bytes().startswith(b"!<arch>\n"))

    def test_dump_ir(self):
        model = self.save(small_models.add())
        self.tilewright("compile", model, "-o", "add", "--dump-ir", "all", "--dump-dir", "ir", "--quiet")
        dumps = list((self.folder / "ir").iterdir())
        self.assertTrue(any("import" in path.name for path in dumps), dumps)
        one = self.tilewright("compile", model, "-o", "add", "--dump-ir", "import", "--quiet")
        self.assertIn("nn.add", one.stderr)

    def test_timing(self):
        model = self.save(small_models.add())
        text = self.tilewright("compile", model, "-o", "add", "--timing").stdout
        self.assertRegex(text, r"ms +\d+\.\d % +import")
        report = json.loads(self.tilewright("compile", model, "-o", "add", "--timing", "--json").stdout)
        self.assertIn("import", [stage["name"] for stage in report["stages"]])
        self.assertEqual(report["output"], "add")

    def test_quiet_says_nothing(self):
        done = self.tilewright("compile", self.save(small_models.add()), "-o", "add", "--quiet")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_dims_are_fixed(self):
        self.tilewright("compile", self.save(small_models.add()), "-o", "add", "--dim", "n=4")
        shape = json.loads(self.tilewright("inspect", "add", "--json").stdout)["signature"]["inputs"][0]["shape"]
        self.assertEqual(shape, [4, 3])


class BadModelTest(CommandTest):
    def check_refused(self, model: str, *says: str) -> None:
        before = self.files()
        self.refuse("compile", model, "-o", "out", says=(model, *says))
        self.assertEqual(self.files(), before, "something was left behind")

    def test_missing_file(self):
        self.check_refused("missing.onnx", "No such file")

    def test_folder(self):
        (self.folder / "folder.onnx").mkdir()
        self.check_refused("folder.onnx")

    def test_empty_file(self):
        (self.folder / "empty.onnx").touch()
        self.check_refused("empty.onnx")

    def test_not_onnx(self):
        (self.folder / "text.onnx").write_text("this is no model, whatever its name says\n")
        self.check_refused("text.onnx")

    def test_truncated(self):
        whole = small_models.scale().SerializeToString()
        for size in (1, len(whole) // 2, len(whole) - 1):
            with self.subTest(size=size):
                (self.folder / "cut.onnx").write_bytes(whole[:size])
                self.check_refused("cut.onnx")

    def test_unknown_operator(self):
        self.check_refused(self.save(small_models.unknown_operator()), "odd", "NoSuchOperator")

    def test_unknown_opset(self):
        model = small_models.add()
        model.opset_import[0].version = 9999
        self.check_refused(self.save(model), "9999")

    def test_contradicting_shapes(self):
        self.check_refused(self.save(small_models.contradiction()), "product")

    def test_unknown_dim(self):
        model = self.save(small_models.add())
        self.refuse("compile", model, "-o", "out", "--dim", "batch=4", says=("'batch'", "[n]"))


class BadOutputTest(CommandTest):
    def test_no_such_folder(self):
        self.refuse("compile", self.save(small_models.add()), "-o", "missing/add", says=("missing/add", "No such file"))

    def test_folder(self):
        (self.folder / "taken").mkdir()
        self.refuse("compile", self.save(small_models.add()), "-o", "taken", says=("taken", "is a folder"))

    def test_device(self):
        self.refuse("compile", self.save(small_models.add()), "-o", "/dev/full", says=("/dev/full", "not a regular file"))
        self.assertTrue(Path("/dev/full").is_char_device())

    def test_standard_output_is_full(self):
        model = self.save(small_models.add())
        with open("/dev/full", "w") as full:
            done = subprocess.run([TILEWRIGHT, "inspect", model], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, USER_ERROR)
        self.assertIn("No space left", done.stderr)

    def test_full_disk(self):
        model = self.save(small_models.scale())
        disk = self.folder / "disk"
        disk.mkdir()
        script = (f'mount -t tmpfs -o size=8k tmpfs "{disk}" && "{TILEWRIGHT}" compile "{self.folder / model}" -o "{disk}/out"; '
                  f'code=$?; ls -A "{disk}"; umount "{disk}"; exit $code')
        # In a changed root there may be no mount at "/" whose propagation could be changed.
        done = run("unshare", "--mount", "--propagation", "unchanged", "bash", "-c", script)
        if "mount" in done.stderr and "error:" not in done.stderr:
            self.skipTest("needs the right to mount")
        self.assertEqual(done.returncode, USER_ERROR, done.stderr)
        self.assertIn("No space left", done.stderr)
        self.assertEqual(done.stdout, "", "a half-written file is left")


class RunTest(CommandTest):
    def outputs(self, *words) -> dict[str, np.ndarray]:
        self.tilewright("run", *words, "--output", "out", "--quiet")
        return {path.stem: np.load(path) for path in (self.folder / "out").iterdir()}

    def test_npy(self):
        x, y = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
        np.save(self.folder / "x.npy", x)
        np.save(self.folder / "y.npy", y)
        found = self.outputs(self.save(small_models.add()), "--input", "x=x.npy", "--input", "y=y.npy")
        np.testing.assert_array_equal(found["z"], x + y)

    def test_npz(self):
        x, y = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
        model = self.save(small_models.add())
        for save in (np.savez, np.savez_compressed):
            save(self.folder / "all.npz", x=x, y=y)
            for words in (("--input", "all.npz"), ("--input", "x=all.npz", "--input", "y=all.npz")):
                with self.subTest(words, save=save.__name__):
                    np.testing.assert_array_equal(self.outputs(model, *words)["z"], x + y)

    def test_pictures(self):
        pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
        Image.fromarray(pixels).save(self.folder / "picture.png")
        planes = pixels.transpose(2, 0, 1)[None]
        found = self.outputs(self.save(small_models.identity(["n", 3, "h", "w"])), "--input", "x=picture.png")
        np.testing.assert_allclose(found["y"], planes / np.float32(255), rtol=1e-6)
        model = self.save(small_models.identity(["n", 3, 4, 5], onnx.TensorProto.UINT8))
        np.testing.assert_array_equal(self.outputs(model, "--input", "x=picture.png")["y"], planes)

    def test_jpeg(self):
        Image.new("RGB", (16, 8), (250, 10, 20)).save(self.folder / "red.jpg", quality=95)
        found = self.outputs(self.save(small_models.identity(["n", 3, "h", "w"])), "--input", "x=red.jpg")["y"]
        self.assertEqual(found.shape, (1, 3, 8, 16))
        np.testing.assert_allclose(found.mean((0, 2, 3)) * 255, [250, 10, 20], atol=3)

    def test_random_is_seeded(self):
        model = self.save(small_models.relu(["n", 64]))
        first, again, other = (self.outputs(model, "--input", "x=random:-1:1", "--dim", "n=3", "--seed", seed)["y"]
                               for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        self.assertFalse(np.array_equal(first, other))
        self.assertEqual(first.shape, (3, 64))
        self.assertTrue((first[first > 0] < 1).all())

    def test_compiled_models(self):
        model = self.save(small_models.add())
        np.savez(self.folder / "all.npz", x=np.ones((2, 3), np.float32), y=np.ones((2, 3), np.float32))
        for artifact in ("add", "add.so"):
            self.tilewright("compile", model, "-o", artifact, "--quiet")
            np.testing.assert_array_equal(self.outputs(artifact, "--input", "all.npz")["z"], np.full((2, 3), 2, np.float32))

    def test_timing_names_the_nodes(self):
        model = self.save(small_models.add())
        words = ("run", model, "--input", "x=random", "--input", "y=random", "--dim", "n=4", "--timing", "--quiet")
        self.assertIn("sum", self.tilewright(*words).stdout)
        nodes = json.loads(self.tilewright(*words, "--json").stdout.splitlines()[-1])["nodes"]
        self.assertIn("sum", [node["name"] for node in nodes])


class BadInputTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.model = self.save(small_models.add())
        for name, array in (("good", np.ones((2, 3), np.float32)), ("double", np.ones((2, 3))),
                            ("wide", np.ones((2, 4), np.float32)), ("tall", np.ones((5, 3), np.float32))):
            np.save(self.folder / f"{name}.npy", array)

    def check_refused(self, *inputs: str, says: tuple[str, ...]) -> None:
        words = [word for text in inputs for word in ("--input", text)]
        self.refuse("run", self.model, *words, "--quiet", says=says)

    def test_wrong_name(self):
        self.check_refused("a=good.npy", "y=good.npy", says=("'x'", "a=good.npy"))

    def test_missing_input(self):
        self.check_refused("x=good.npy", says=("'y'", "missing"))

    def test_wrong_dtype(self):
        self.check_refused("x=double.npy", "y=good.npy", says=("'x'", "float32", "<f8", "double.npy"))

    def test_wrong_shape(self):
        self.check_refused("x=wide.npy", "y=wide.npy", says=("'x'", "3", "4"))

    def test_contradicting_dims(self):
        self.check_refused("x=good.npy", "y=tall.npy", says=("n", "2", "5"))

    def test_missing_file(self):
        self.check_refused("x=none.npy", "y=good.npy", says=("none.npy", "No such file"))

    def test_not_an_array(self):
        (self.folder / "text.npy").write_text("no array\n")
        self.check_refused("x=text.npy", "y=good.npy", says=("text.npy", "not a .npy file"))

    def test_archive_without_the_array(self):
        np.savez(self.folder / "some.npz", x=np.ones((2, 3), np.float32))
        self.check_refused("x=some.npz", "y=some.npz", says=("some.npz", "'y'", "'x'"))

    def test_damaged_archives(self):
        np.savez_compressed(self.folder / "whole.npz", x=np.ones((2, 3), np.float32))
        whole = (self.folder / "whole.npz").read_bytes()
        damaged = bytearray(whole)
        damaged[60] ^= 0xff
        for content in (b"", whole[:40], whole[:-30], bytes(damaged)):
            (self.folder / "bad.npz").write_bytes(content)
            self.check_refused("x=bad.npz", "y=good.npy", says=("bad.npz",))

    def test_bad_pictures(self):
        self.model = self.save(small_models.identity(["n", 3, "h", "w"]))
        Image.new("RGB", (16, 8)).save(self.folder / "good.png")
        for name, content in (("text.png", b"no picture"), ("text.jpg", b"no picture"), ("none.png", None),
                              ("cut.png", (self.folder / "good.png").read_bytes()[:50])):
            if content is not None:
                (self.folder / name).write_bytes(content)
            with self.subTest(name):
                self.check_refused(f"x={name}", says=(name,))

    def test_picture_for_an_input_that_is_none(self):
        Image.new("RGB", (16, 8)).save(self.folder / "good.png")
        self.check_refused("x=good.png", "y=good.npy", says=("good.png", "rank 2"))

    def test_unwritable_output(self):
        self.refuse("run", self.model, "--input", "x=good.npy", "--input", "y=good.npy", "--output", "good.npy", "--quiet",
                    says=("good.npy",))

    def test_artifact_of_another_kind(self):
        self.refuse("run", sys.executable, says=("not a model",))


class BenchTest(CommandTest):
    def test_alone(self):
        words = ("bench", self.save(small_models.add()), "--dim", "n=4", "--iterations", "5", "--threads", "1", "--json")
        report = json.loads(self.tilewright(*words).stdout)
        self.assertEqual((report["runs"], report["threads"]), (5, 1))
        self.assertGreater(report["median_ms"], 0)

    def test_against(self):
        words = ("bench", self.save(small_models.scale()), "--dim", "n=4", "--iterations", "10", "--threads", "1", "--json",
                 "--against", "onnxruntime,openvino")
        report = json.loads(self.tilewright(*words).stdout)
        self.assertEqual(list(report["engines"]), ["tilewright", "onnxruntime", "openvino"])
        self.assertEqual(set(report["ratios"]), {"onnxruntime", "openvino"})
        self.assertTrue(all(ratio > 0 for ratio in report["ratios"].values()))

    def test_against_needs_the_model(self):
        self.tilewright("compile", self.save(small_models.add()), "-o", "add", "--quiet")
        self.refuse("bench", "add", "--against", "onnxruntime", "--dim", "n=4", says=("ONNX model", "add"))


class InspectTest(CommandTest):
    def test_artifact_and_model_say_the_same(self):
        model = self.save(small_models.scale(), "scale.onnx")
        self.tilewright("compile", model, "-o", "scale", "--quiet")
        compiled = json.loads(self.tilewright("inspect", "scale", "--json").stdout)
        source = json.loads(self.tilewright("inspect", model, "--json").stdout)
        self.assertEqual(compiled["signature"], source["signature"])
        self.assertEqual(compiled["signature"]["inputs"], [{"name": "x", "dtype": "float32", "shape": ["n", 1024]}])
        self.assertGreaterEqual(compiled["bytes"]["weights"], 4096)
        self.assertEqual(compiled["opsets"], {"ai.onnx": 20})
        self.assertIn("Apache-2.0", compiled["licences"])

    def test_text(self):
        out = self.tilewright("inspect", self.save(small_models.add())).stdout
        for text in ("inputs", "x  float32 [n, 3]", "kernels", "weights", "compiler"):
            self.assertIn(text, out)

    def test_memory_plan(self):
        products = [onnx.helper.make_node("MatMul", ["x", "x"], ["y"]), onnx.helper.make_node("MatMul", ["y", "x"], ["z"])]
        square = ["n", "n"]
        square_product = small_models.model(products, [small_models.value("x", square)], [small_models.value("z", square)])
        out = self.tilewright("inspect", self.save(square_product), "--dim", "n=64").stdout
        self.assertIn("1 buffers in one arena of 0.02 MB", out)
        out = self.tilewright("inspect", self.save(square_product)).stdout
        self.assertIn("in one arena of a size that depends on the inputs", out)

    def test_not_a_model(self):
        self.refuse("inspect", sys.executable, says=("not a model",))


C_PROGRAM = """
#include "add.h"
#include <stdio.h>
int main(void) {
  float x[6] = {1, 2, 3, 4, 5, 6}, y[6] = {10, 20, 30, 40, 50, 60};
  char error[256];
  tw_model *model;
  if (tw_model_create(tw_program_add(), NULL, &model, error, sizeof error)) return puts(error), 1;
  tw_context *context;
  if (tw_context_create(model, &context)) return 1;
  int64_t dims[2] = {2, 3};
  tw_tensor inputs[2] = {{.data = x, .dtype = TW_FLOAT, .rank = 2, .dims = dims},
                         {.data = y, .dtype = TW_FLOAT, .rank = 2, .dims = dims}};
  tw_tensor output = {0};
  if (tw_context_run(context, inputs, 2, &output, 1)) return puts(tw_context_error(context)), 1;
  for (int i = 0; i < 6; ++i) printf("%g ", ((float *)output.data)[i]);
  tw_context_destroy(context);
  tw_model_close(model);
  return 0;
}
"""


class LibraryTest(CommandTest):
    def test_c_program_includes_links_and_runs(self):
        model = self.save(small_models.add(), "add.onnx")
        self.tilewright("compile", model, "-o", "add.so", "--quiet")
        (self.folder / "main.c").write_text(C_PROGRAM)
        done = run("clang-22", "-Wall", "-Werror", "-I", ROOT / "runtime", "-I", ROOT, "main.c", "./add.so", "-o", "main",
                   "-Wl,-rpath,$ORIGIN", cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = run(self.folder / "main")
        self.assertEqual((done.returncode, done.stdout.split()), (0, ["11", "22", "33", "44", "55", "66"]))

    def test_needs_libc_and_libm_only(self):
        self.tilewright("compile", self.save(small_models.add()), "-o", "add.so", "--quiet")
        needed = [line.split()[0] for line in run("ldd", self.folder / "add.so").stdout.splitlines()]
        self.assertLessEqual({name.split("/")[-1] for name in needed},
                             {"linux-vdso.so.1", "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"})


if __name__ == "__main__":
    unittest.main()
