"""mutate.py FOLDER COUNT: writes COUNT damaged copies of the ONNX package's own test models into FOLDER.

Each change keeps the file well-formed and makes the model wrong, or odd: other dims, attributes, operators, inputs.
"""

import pathlib
import random
import sys

import onnx
from onnx import AttributeProto


def change_dim(rng, model):
    value = rng.choice(model.graph.input)
    dims = value.type.tensor_type.shape.dim
    if dims:
        rng.choice(dims).dim_value = rng.choice([0, 1, 2, 3, 7, 1 << 20, (1 << 63) - 1, -1])


def change_rank(rng, model):
    dims = rng.choice(model.graph.input).type.tensor_type.shape.dim
    if dims and rng.random() < 0.5:
        del dims[rng.randrange(len(dims))]
    else:
        dims.add().dim_value = rng.choice([1, 2])


def hide_dim(rng, model):
    dims = rng.choice(model.graph.input).type.tensor_type.shape.dim
    if dims:
        rng.choice(dims).dim_param = "n"


def change_type(rng, model):
    rng.choice(model.graph.input).type.tensor_type.elem_type = rng.randrange(0, 30)


def change_attribute(rng, model):
    attributes = rng.choice(model.graph.node).attribute
    if not attributes:
        return
    attribute = rng.choice(attributes)
    number = rng.choice([0, 1, -1, 2, 5, -7, 1 << 40, -(1 << 63)])
    if attribute.type == AttributeProto.INT:
        attribute.i = number
    elif attribute.type == AttributeProto.FLOAT:
        attribute.f = rng.choice([0.0, -1.0, float("nan"), float("inf")])
    elif attribute.type == AttributeProto.INTS:
        values = list(attribute.ints)
        if values and rng.random() < 0.5:
            values[rng.randrange(len(values))] = number
        else:
            values = values[1:] if values and rng.random() < 0.5 else values + [number]
        attribute.ClearField("ints")
        attribute.ints.extend(values)
    elif attribute.type == AttributeProto.STRING:
        attribute.s = rng.choice([b"", b"edge", b"linear", b"\xff\xfe"])


def drop_attribute(rng, model):
    attributes = rng.choice(model.graph.node).attribute
    if attributes:
        del attributes[rng.randrange(len(attributes))]


def change_inputs(rng, model):
    node = rng.choice(model.graph.node)
    names = [value.name for value in model.graph.input] + [""]
    if node.input and rng.random() < 0.7:
        node.input[rng.randrange(len(node.input))] = rng.choice(names)
    elif node.input and rng.random() < 0.5:
        node.input.pop()
    else:
        node.input.append(rng.choice(names))


def change_opset(rng, model):
    rng.choice(model.opset_import).version = rng.randrange(1, 28)


def change_operator(rng, model):
    rng.choice(model.graph.node).op_type = rng.choice(["Add", "Reshape", "Transpose", "Concat", "Conv", "Gather", "Slice"])


CHANGES = [change_dim, change_rank, hide_dim, change_type, change_attribute, change_attribute, drop_attribute,
           change_inputs, change_opset, change_operator]


def main():
    folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    data = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
    models = sorted(path for kind in ("node", "simple", "pytorch-operator") for path in (data / kind).glob("*/model.onnx"))
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    for index in range(count):
        path = rng.choice(models)
        model = onnx.load(path, load_external_data=False)
        if not model.graph.input or not model.graph.node:
            continue
        for _ in range(rng.randrange(1, 4)):
            rng.choice(CHANGES)(rng, model)
        (folder / f"{index:04}-{path.parent.name}.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
