"""The same model with its dims unknown until it runs.

Every dim of an input that is larger than 1 becomes a symbol; equal sizes of one model share theirs. Two things stay as
they are, because rank and broadcasting hang on them: dims of 1, and one-dimensional integer inputs, which say how many
axes, sizes or pads follow.
"""

import onnx

INTEGERS = {onnx.TensorProto.INT32, onnx.TensorProto.INT64}


def with_symbolic_dims(model: onnx.ModelProto) -> onnx.ModelProto:
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    graph = changed.graph
    weights = {tensor.name for tensor in graph.initializer}
    for info in graph.input:
        if info.name not in weights:
            name_dims(info.type)
    for info in graph.output:
        forget_dims(info.type)
    del graph.value_info[:]
    return changed


def tensor_type(type_proto: onnx.TypeProto) -> onnx.TypeProto.Tensor:
    """The tensor inside sequences and optionals."""
    kind = type_proto.WhichOneof("value")
    return type_proto.tensor_type if kind == "tensor_type" else tensor_type(getattr(type_proto, kind).elem_type)


def name_dims(type_proto: onnx.TypeProto) -> None:
    tensor = tensor_type(type_proto)
    if tensor.elem_type in INTEGERS and len(tensor.shape.dim) == 1:
        return
    for dim in tensor.shape.dim:
        if dim.HasField("dim_value") and dim.dim_value > 1:
            dim.dim_param = f"n{dim.dim_value}"


def forget_dims(type_proto: onnx.TypeProto) -> None:
    for dim in tensor_type(type_proto).shape.dim:
        dim.Clear()
