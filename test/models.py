"""The real models of end-to-end tests and benchmarks: PP-OCRv4 and the nine light nets of the onnx wheel.

A light net comes with every weight a constant, which hides errors; `light_model` writes it again with seeded random
weights of He's scale and a symbolic batch (height and width too where the graph permits), under build/models.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from ocr import detect, picture, recognise  # noqa: E402

FOLDER = ROOT / "build/models"
LIGHT = ("bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19",
         "zfnet512")
ANY_SIZE = {"densenet121", "squeezenet"}  # no layer fixes height and width
OCR = {"ocr_det": "ch_PP-OCRv4_det_infer", "ocr_rec": "ch_PP-OCRv4_rec_infer", "ocr_cls": "ch_ppocr_mobile_v2.0_cls_infer"}
LOGIT_SCALE = 2.0  # standard deviation before the softmax: neither flat nor one-hot


@dataclass
class Sized:
    """A model and inputs of one size; dims are the input's symbols by name, for a compile of this size alone."""

    name: str
    model: Path
    size: str
    inputs: dict[str, np.ndarray]
    dims: dict[str, int]


# Light nets

def random_weight(role: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Float32 weights; role: weight, bias, scale, mean, variance."""
    if role == "weight":
        fan_in = np.prod(shape[1:]) if len(shape) == 4 and shape[0] != 1 else shape[-1]
        return random.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / fan_in))
    if role == "variance":
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    noise = random.standard_normal(shape, np.float32) * np.float32(0.1)
    return noise + 1 if role == "scale" else noise


ROLES = {
    "Conv": {1: "weight", 2: "bias"}, "Gemm": {1: "weight", 2: "bias"}, "Mul": {1: "scale"}, "Add": {1: "bias"},
    "BatchNormalization": {1: "scale", 2: "bias", 3: "mean", 4: "variance"},
}


def weight_roles(graph: onnx.GraphProto) -> dict[str, str]:
    """What each tensor is to the node that uses it; a view (Unsqueeze, Reshape) passes its role on to its input."""
    roles: dict[str, str] = {}
    for node in reversed(graph.node):
        if node.op_type in ("Unsqueeze", "Reshape") and node.output[0] in roles:
            roles[node.input[0]] = roles[node.output[0]]
        for index, role in ROLES.get(node.op_type, {}).items():
            if index < len(node.input):
                roles[node.input[index]] = role
    return roles


def weight_shapes(graph: onnx.GraphProto) -> dict[str, tuple[int, ...]]:
    """Shapes of the float weights: initializers and ConstantOfShape nodes."""
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    shapes = {name: tuple(tensor.dims) for name, tensor in tensors.items() if tensor.data_type == TensorProto.FLOAT}
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            shapes[node.output[0]] = tuple(int(dim) for dim in numpy_helper.to_array(tensors[node.input[0]]))
    return shapes


def drop_weight_inputs(graph: onnx.GraphProto) -> None:
    """Initializers need not be inputs any more, as they had to in these models' time."""
    weights = {tensor.name for tensor in graph.initializer}
    data = [info for info in graph.input if info.name not in weights]
    del graph.input[:]
    graph.input.extend(data)


def replace_weights(graph: onnx.GraphProto, weights: dict[str, np.ndarray]) -> None:
    nodes = [node for node in graph.node if node.output[0] not in weights]
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name not in weights and tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend([*kept, *(numpy_helper.from_array(array, name) for name, array in weights.items())])


def name_dims(graph: onnx.GraphProto, weights: dict[str, np.ndarray], any_size: bool) -> None:
    """A symbolic batch; height and width too. A Reshape that spells out the batch of 1 copies it instead."""
    for axis, name in [(0, "batch"), (2, "height"), (3, "width")] if any_size else [(0, "batch")]:
        graph.input[0].type.tensor_type.shape.dim[axis].dim_param = name
    for info in graph.output:
        info.type.tensor_type.shape.dim[0].Clear()
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Reshape" and node.input[0] not in weights:
            target = numpy_helper.to_array(tensors[node.input[1]]).copy()
            target[0] = 0
            tensors[node.input[1]].CopyFrom(numpy_helper.from_array(target, node.input[1]))


def scale_logits(model: onnx.ModelProto, weights: dict[str, np.ndarray], x: np.ndarray) -> None:
    """Scales the last layer's weights so that what enters the softmax has the wanted standard deviation."""
    import onnxruntime
    graph = model.graph
    if graph.node[-1].op_type != "Softmax":
        return
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    del probe.graph.output[:]
    probe.graph.output.append(helper.make_empty_tensor_value_info(graph.node[-1].input[0]))
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    factor = np.float32(LOGIT_SCALE / session.run(None, {graph.input[0].name: x})[0].std())
    last = [node for node in graph.node if node.op_type in ("Conv", "Gemm")][-1]
    views = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Reshape"}
    for name in last.input[1:]:
        name = views.get(name, name)
        tensor = next(tensor for tensor in graph.initializer if tensor.name == name)
        tensor.CopyFrom(numpy_helper.from_array(weights[name] * factor, name))


def light_input(batch: int, height: int, width: int) -> np.ndarray:
    """Noise that is smooth, as pictures are: (batch, 3, height, width) float32."""
    random = np.random.default_rng(1)
    coarse = random.standard_normal((batch, 3, (height + 7) // 8, (width + 7) // 8), np.float32)
    return np.repeat(np.repeat(coarse, 8, 2), 8, 3)[:, :, :height, :width].copy()


def light_model(name: str) -> Path:
    """The light net with seeded weights; written once."""
    path = FOLDER / f"light_{name}.onnx"
    if path.exists():
        return path
    source = Path(onnx.__file__).parent / f"backend/test/data/light/light_{name}.onnx"
    model = onnx.load(source)
    drop_weight_inputs(model.graph)
    random = np.random.default_rng(LIGHT.index(name))
    roles = weight_roles(model.graph)
    weights = {tensor: random_weight(roles[tensor], shape, random)
               for tensor, shape in weight_shapes(model.graph).items() if tensor in roles}
    replace_weights(model.graph, weights)
    name_dims(model.graph, weights, name in ANY_SIZE)
    scale_logits(model, weights, light_input(1, 224, 224))
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    onnx.save(model, part)
    part.rename(path)
    return path


def light(name: str) -> list[Sized]:
    """A light net at two sizes: another height and width where the graph permits, else another batch."""
    path = light_model(name)
    graph_input = onnx.load(path, load_external_data=False).graph.input[0].name
    names = ("batch", "height", "width") if name in ANY_SIZE else ("batch",)
    sizes = [(1, 224, 224), (1, 192, 256) if name in ANY_SIZE else (2, 224, 224)]
    return [Sized(f"light_{name}", path, "x".join(map(str, size)), {graph_input: light_input(*size)}, dict(zip(names, size)))
            for size in sizes]


# PP-OCRv4

def ocr_model(name: str) -> Path:
    return picture.package_folder("rapidocr_onnxruntime") / f"models/{OCR[name]}.onnx"


def page_crops() -> list[np.ndarray]:
    """The lines of the scanned page as pictures, cut out at fixed places: seven of them."""
    page = picture.read_picture(picture.sample_picture())
    rows = [(10, 36), (46, 64), (66, 84), (84, 102), (100, 118), (118, 140), (168, 190)]
    return [page[top:bottom, 5:width] for (top, bottom), width in zip(rows, (295, 380, 380, 380, 380, 175, 245))]


def ocr_inputs(name: str) -> list[np.ndarray]:
    """Two sizes of real input: page and its upper half for detection, crops for recognition and orientation."""
    if name == "ocr_det":
        page = picture.read_picture(picture.sample_picture())
        return [detect.network_input(page), detect.network_input(page[:, :192])]
    crops = page_crops()
    if name == "ocr_rec":
        return [recognise.network_input(crops[:1]), recognise.network_input(crops[1:4])]
    batch = recognise.network_input(crops)[:, :, :, :192].copy()
    return [batch[:1], batch[:6]]


def ocr(name: str) -> list[Sized]:
    path = ocr_model(name)
    info = onnx.load(path, load_external_data=False).graph.input[0]
    symbols = [dim.dim_param for dim in info.type.tensor_type.shape.dim]
    return [Sized(name, path, "x".join(map(str, x.shape)), {info.name: x},
                  {symbol: size for symbol, size in zip(symbols, x.shape) if symbol and symbol != "?"})
            for x in ocr_inputs(name)]


def sized(name: str) -> list[Sized]:
    """A model by name (of LIGHT or OCR) at its two sizes."""
    return ocr(name) if name in OCR else light(name)
