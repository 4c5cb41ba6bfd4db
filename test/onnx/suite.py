"""The ONNX conformance suite as it lies frozen in the onnx 1.22.0 wheel: 1,914 tests."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from families import family_of_op

DATA = Path(onnx.__file__).parent / "backend/test/data"
GROUPS = ("node", "simple", "pytorch-converted", "pytorch-operator")
EXPECTED_VERSION, EXPECTED_COUNT = "1.22.0", 1914


class SuiteError(Exception):
    """The suite on this machine is not the frozen one."""


@dataclass(frozen=True)
class Case:
    """One test: a model, its inputs and the outputs that it must give."""

    group: str
    name: str
    model: Path
    data: Path | None  # folder of input_N.pb and output_N.pb; None for the light models
    rtol: float = 1e-3
    atol: float = 1e-7

    @property
    def path(self) -> str:
        """Unique name: GROUP/NAME."""
        return f"{self.group}/{self.name}"

    @property
    def expanded(self) -> bool:
        """Whether the model is the function body of its operator."""
        return "_expanded" in self.name

    @cached_property
    def operator(self) -> str:
        """What the test is about: the operator of a node test, else the group's name."""
        if self.group != "node":
            return self.group
        plain = self.model.parent.parent / re.sub("_expanded.*", "", self.name) / "model.onnx"
        node = onnx.load(plain, load_external_data=False).graph.node[0]
        return f"{node.domain}.{node.op_type}" if node.domain else node.op_type

    @property
    def family(self) -> str:
        return family_of_op(self.operator)

    def load(self) -> onnx.ModelProto:
        return onnx.load(self.model)

    def values(self, model: onnx.ModelProto) -> tuple[dict, list]:
        """Inputs by name and expected outputs in order. A value is an array, a list (sequence) or None (no optional)."""
        if self.data is None:
            return light_values(model, self.model)
        inputs = load_values(self.data, "input", model.graph.input)
        outputs = load_values(self.data, "output", model.graph.output)
        return {info.name: value for info, value in zip(model.graph.input, inputs)}, outputs


def load_values(folder: Path, kind: str, infos) -> list:
    count = len(list(folder.glob(f"{kind}_*.pb")))
    return [load_value((folder / f"{kind}_{i}.pb").read_bytes(), infos[i].type) for i in range(count)]


def load_value(data: bytes, type_proto: onnx.TypeProto):
    """A serialised TensorProto, SequenceProto or OptionalProto, as the declared type says."""
    kind = type_proto.WhichOneof("value")
    proto, convert = {
        "tensor_type": (onnx.TensorProto, numpy_helper.to_array),
        "sequence_type": (onnx.SequenceProto, numpy_helper.to_list),
        "optional_type": (onnx.OptionalProto, numpy_helper.to_optional),
    }[kind]
    return convert(proto.FromString(data))


def light_values(model: onnx.ModelProto, path: Path) -> tuple[dict, list]:
    """The light models come with outputs only; the suite's runner feeds them 0, 1/n, 2/n, ... (n: number of elements)."""
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = {}
    for info in model.graph.input:
        if info.name not in weights:
            shape = [dim.dim_value or 1 for dim in info.type.tensor_type.shape.dim]
            count = np.prod(shape)
            inputs[info.name] = (np.arange(count).reshape(shape) / count).astype(np.float32)
    outputs = [numpy_helper.to_array(onnx.load_tensor(f"{path.with_suffix('')}_output_{i}.pb"))
               for i in range(len(model.graph.output))]
    return inputs, outputs


def light_case(folder: Path) -> Case:
    data = json.loads((folder / "data.json").read_text())
    model = DATA / "light" / Path(data["url"]).name
    return Case("light", folder.name, model, None, data["rtol"], data["atol"])


def cases() -> list[Case]:
    """All tests in a fixed order."""
    if onnx.__version__ != EXPECTED_VERSION:
        raise SuiteError(f"expected onnx {EXPECTED_VERSION}, found {onnx.__version__}")
    found = [Case(group, folder.name, folder / "model.onnx", folder / "test_data_set_0")
             for group in GROUPS for folder in sorted((DATA / group).iterdir()) if folder.is_dir()]
    found += [light_case(folder) for folder in sorted((DATA / "real").iterdir()) if folder.is_dir()]
    if len(found) != EXPECTED_COUNT:
        raise SuiteError(f"{DATA}: expected {EXPECTED_COUNT} tests, found {len(found)}")
    return found
