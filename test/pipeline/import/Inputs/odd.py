"""odd.py FOLDER: writes files that ONNX's textual form has no words for."""

import pathlib
import sys

from onnx import TensorProto, helper


def tensor(name, dims, raw, data_type=TensorProto.FLOAT):
    return TensorProto(name=name, dims=dims, data_type=data_type, raw_data=raw)


def model(initializers, opsets=(13,), **fields):
    """y = x + w."""
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy"]
    node = helper.make_node("Add", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "g", value[:1], value[1:], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", v) for v in opsets], ir_version=8, **fields)


def external(**entries):
    result = tensor("w", [2], b"")
    result.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        result.external_data.add(key=key, value=value)
    return result


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    good = model([tensor("w", [2], bytes(8))]).SerializeToString()
    no_opset = model([tensor("w", [2], bytes(8))])
    del no_opset.opset_import[:]
    files = {
        "good": good,
        "empty": b"",
        "text": b"This is a letter, not a model.\n",
        "truncated": good[:60],
        "amount": model([tensor("w", [2], bytes(4))]).SerializeToString(),
        "negative": model([tensor("w", [-2], bytes(8))]).SerializeToString(),
        "element": model([tensor("w", [2], bytes(8), 99)]).SerializeToString(),
        "twice": model([tensor("w", [2], bytes(8))] * 2).SerializeToString(),
        "opset": no_opset.SerializeToString(),
        "outside": model([external(location="../w.bin")]).SerializeToString(),
        "absent": model([external(location="w.bin")]).SerializeToString(),
    }
    for name, contents in files.items():
        (folder / f"{name}.onnx").write_bytes(contents)


if __name__ == "__main__":
    main()
