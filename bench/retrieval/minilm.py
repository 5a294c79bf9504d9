"""all-MiniLM-L6-v2 as an ONNX graph of one text at a time, made from its published weights."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load

LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def graph(weights: Path) -> bytes:
    """The model from token numbers to a unit vector; no padding, so no mask."""
    content = weights.read_bytes()
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise SystemExit(f"{weights} is not the published file: remove the environment and run again")
    return Graph(load(content)).model()


class Graph:
    """Nodes and constants as they are added."""

    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def model(self) -> bytes:
        """Embeddings, layers, the mean over the tokens, and its length made 1."""
        state = self.embeddings()
        for layer in range(LAYERS):
            state = self.layer(state, f"encoder.layer.{layer}.")
        pooled = self.node("ReduceMean", state, self.constant("first axis", [0]), keepdims=0)
        vector = self.node("LpNormalization", pooled, axis=-1, p=2)
        tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["count"])
        output = helper.make_tensor_value_info(vector, TensorProto.FLOAT, [WIDTH])
        made = helper.make_graph(self.nodes, "minilm", [tokens], [output], list(self.constants.values()))
        # Gelu is an operator of its own from opset 20; IR 10 is the one that goes with it.
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        return model.SerializeToString()

    def embeddings(self) -> str:
        words = self.node("Gather", self.weight("embeddings.word_embeddings.weight"), "tokens")
        places = self.weight("embeddings.position_embeddings.weight")
        places = self.node("Slice", places, self.constant("zero", [0]), self.node("Shape", "tokens"))
        kind = self.weights["embeddings.token_type_embeddings.weight"][0]
        total = self.node("Add", self.node("Add", words, places), self.constant("kind", kind))
        return self.norm(total, "embeddings.LayerNorm")

    def layer(self, state: str, name: str) -> str:
        attended = self.linear(self.attention(state, name + "attention.self."), name + "attention.output.dense")
        state = self.norm(self.node("Add", state, attended), name + "attention.output.LayerNorm")
        inner = self.node("Gelu", self.linear(state, name + "intermediate.dense"))
        outer = self.linear(inner, name + "output.dense")
        return self.norm(self.node("Add", state, outer), name + "output.LayerNorm")

    def attention(self, state: str, name: str) -> str:
        query, key, value = (
            self.node("Transpose", self.heads(self.linear(state, name + part)), perm=order)
            for part, order in (("query", [1, 0, 2]), ("key", [1, 2, 0]), ("value", [1, 0, 2]))
        )
        scale = self.constant("scale", np.float32((WIDTH / HEADS) ** -0.5))
        share = self.node("Softmax", self.node("Mul", self.node("MatMul", query, key), scale), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", share, value), perm=[1, 0, 2])
        return self.node("Reshape", mixed, self.constant("flat", [-1, WIDTH]))

    def heads(self, state: str) -> str:
        return self.node("Reshape", state, self.constant("by head", [-1, HEADS, WIDTH // HEADS]))

    def linear(self, state: str, name: str) -> str:
        product = self.node("MatMul", state, self.constant(name + ".weight", self.weights[name + ".weight"].T))
        return self.node("Add", product, self.weight(name + ".bias"))

    def norm(self, state: str, name: str) -> str:
        scale, shift = self.weight(name + ".weight"), self.weight(name + ".bias")
        return self.node("LayerNormalization", state, scale, shift, axis=-1, epsilon=EPSILON)

    def node(self, operator: str, *inputs: str, **attributes) -> str:
        name = f"{operator} {len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def constant(self, name: str, value) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name
