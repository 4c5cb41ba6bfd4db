"""models.py FILE FOLDER: writes the models of a test, in ONNX's textual form, into FOLDER/0.onnx, FOLDER/1.onnx, ...

Lines that begin with '#' are the test's own (RUN, CHECK, remarks); '# -----' lies between two models.
"""

import pathlib
import sys

import onnx.parser


def texts(test):
    """The textual form of each model in a test."""
    parts = [[]]
    for line in test.splitlines():
        if line.startswith("# -----"):
            parts.append([])
        elif not line.startswith("#"):
            parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def main():
    test, folder = map(pathlib.Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for index, text in enumerate(texts(test.read_text())):
        model = onnx.parser.parse_model(text)
        (folder / f"{index}.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
