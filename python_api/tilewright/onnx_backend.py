"""The `onnx.backend` interface, with which the ONNX scoreboard and other people's test suites drive a backend."""

from collections import namedtuple
from typing import Any

import numpy as np
import onnx
from onnx.backend.base import Backend, BackendRep

import tilewright


class TilewrightRep(BackendRep):
    """A prepared model; outputs come as a tuple whose fields are their names where Python allows that."""

    def __init__(self, model: tilewright.Model):
        self.model = model
        self._outputs = namedtuple("Outputs", [info.name for info in model.outputs], rename=True)

    def run(self, inputs: Any, **kwargs: Any) -> tuple[np.ndarray, ...]:
        """inputs: a sequence in the model's order, a dict by name, or one array for a model of one input."""
        if isinstance(inputs, np.ndarray):
            inputs = [inputs]
        return self._outputs(*self.model.run(inputs).values())


class TilewrightBackend(Backend):
    @classmethod
    def is_compatible(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> bool:
        try:
            cls.prepare(model, device, **kwargs)
        except tilewright.UserError:
            return False
        return True

    @classmethod
    def prepare(cls, model: onnx.ModelProto, device: str = "CPU", **kwargs: Any) -> TilewrightRep:
        """kwargs are those of tilewright.compile."""
        if not cls.supports_device(device):
            raise tilewright.UserError(f"device: expected 'CPU', found {device!r}")
        return TilewrightRep(tilewright.compile(model, **kwargs))

    @classmethod
    def run_model(cls, model: onnx.ModelProto, inputs: Any, device: str = "CPU", **kwargs: Any):
        return cls.prepare(model, device, **kwargs).run(inputs)

    @classmethod
    def supports_device(cls, device: str) -> bool:
        return device.split(":")[0] == "CPU"


prepare = TilewrightBackend.prepare
run_model = TilewrightBackend.run_model
supports_device = TilewrightBackend.supports_device
is_compatible = TilewrightBackend.is_compatible
