"""Tilewright: compiles ONNX models to native code and runs them.

    import tilewright as tw
    m = tw.compile("model.onnx")             # or bytes, or an onnx.ModelProto
    y = m.run({"x": x})["y"]                 # numpy arrays in and out
    m.save("model.so"); m = tw.load("model.so")

What the caller can mend raises UserError (a ValueError); a fault of the compiler raises CompilerBug (a RuntimeError).
"""

from tilewright._core import CompilerBug, UserError
from tilewright._core import version as _version
from tilewright.model import DeviceArray, Model, Value, compile, load

UserError.__module__ = CompilerBug.__module__ = __name__
__version__ = _version().split()[0]
__all__ = ["CompilerBug", "DeviceArray", "Model", "UserError", "Value", "compile", "load"]
