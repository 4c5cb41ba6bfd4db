"""tools/similar [QUESTION SENTENCE...]: which sentences mean most nearly the same as the first one, by the angle between the
vectors that all-MiniLM-L6-v2 gives them, compiled to native code. 1 is the same, 0 has nothing to do with it."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
from tokenizers import Tokenizer

from . import minilm

ROOT = Path(__file__).resolve().parents[2]
MOST_TOKENS = 256  # of a sentence; the rest is cut off, as the network was trained
EXAMPLE = ["How do I make a model run faster?", "Compile the network to native code.", "Ways to speed up inference",
           "The cat sleeps on the warm stove.", "A recipe for onion soup", "My program takes too long."]


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/similar", description=__doc__)
    parser.add_argument("sentences", nargs="*", metavar="SENTENCE", help="the question, then at least one to compare with it")
    parser.add_argument("--threads", type=int, help="default: all cores")
    parser.add_argument("--output", type=Path, default=Path("demo-output"),
                        help="folder of the compiled network (default: %(default)s)")
    options = parser.parse_args(arguments)
    if len(options.sentences) == 1:
        parser.error("expected at least two sentences, found one")
    return options


def tokens(sentences: list[str]) -> dict[str, np.ndarray]:
    """The network's inputs: numbers of word pieces and which of them are there, [batch, length]."""
    tokenizer = Tokenizer.from_file(str(minilm.folder() / "tokenizer.json"))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(sentences)
    return {"input_ids": np.array([e.ids for e in encoded], np.int64),
            "attention_mask": np.array([e.attention_mask for e in encoded], np.int64)}


def compile_network(folder: Path) -> Path:
    """The compiled network's file."""
    folder.mkdir(parents=True, exist_ok=True)
    model, artifact = folder / "minilm.onnx", folder / "minilm.so"
    onnx.save(minilm.export(), model)
    command = [ROOT / "build/bin/tilewright", "compile", model, "--emit=so", "-o", artifact]
    if not sys.stderr.isatty():
        command.append("--quiet")
    if subprocess.run(command).returncode != 0:
        sys.exit(f"{model}: not compiled (the message is above)")
    return artifact


def main(arguments: list[str] | None = None) -> None:
    options = parse_arguments(arguments)
    sentences = options.sentences or EXAMPLE
    start = time.perf_counter()
    artifact = compile_network(options.output)
    print(f"compiled {artifact} in {time.perf_counter() - start:.1f} s")
    import tilewright
    network = tilewright.load(artifact, threads=options.threads) if options.threads else tilewright.load(artifact)
    inputs = tokens(sentences)
    start = time.perf_counter()
    vectors = network.run(inputs)["vector"]
    batch, length = inputs["input_ids"].shape
    print(f"{batch} sentences of up to {length} tokens in {1000 * (time.perf_counter() - start):.1f} ms\n\n{sentences[0]}")
    likeness = vectors[1:] @ vectors[0]
    for i in np.argsort(-likeness):
        print(f"  {likeness[i]:5.2f}  {sentences[1 + i]}")


if __name__ == "__main__":
    main()
