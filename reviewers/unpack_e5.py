"""multilingual-e5-small as an ordinary sentence-transformers folder, made from 4-bit weights that a package carries.

Layout of the file ("E5S1", little-endian; read here as data, without the package's own code):

  4 bytes  "E5S1", 4 bytes version
  7 i32    hidden, layers, heads, feed-forward, vocabulary, positions, token types (the fields that `Shape` names)
  f32, i32 epsilon of the layer norms; numbers in a block of the quantisation
  5 i32    pieces, and the ids of <s>, </s>, <pad>, <unk>
  u64      bytes of the text of all pieces; u32[pieces + 1] their offsets; f32[pieces] their scores; the text
  i32, u32 entries and bytes of a character map, then the map (not needed: Unicode form NFKC does the same)
  i32      tensors; each: u16 length and name, u8 type, u32 numbers, u64 offset from the file's start, u64 bytes

A tensor of four bytes a number is float32. Any other comes in blocks of 32 numbers: a float16 scale and 16 bytes, whose
low halves are numbers 0–15 and high halves numbers 16–31; a number is (half - 8) x scale.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reviewers.errors import BadLayout

Tensor = npt.NDArray[np.float32]
_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
MAX_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network as its file states them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Weights:
    """All that the file holds: sizes, pieces of words with their scores, special ids, tensors as flat float32."""

    shape: Shape
    pieces: tuple[tuple[str, float], ...]
    special: Mapping[str, int]
    tensors: Mapping[str, Tensor]


class _Reader:
    """A position in a byte string."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def unpack(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def read_weights(path: Path) -> Weights:
    """Parse a weight file of the layout above; raises BadLayout where the file does not follow it."""
    reader = _Reader(path.read_bytes())
    if reader.take(4) != b"E5S1":
        raise BadLayout(file=path.name, reason="magic")
    try:
        reader.take(4)
        sizes = reader.unpack("7i")
        (epsilon, _block) = reader.unpack("fi")
        n_pieces, *ids = reader.unpack("5i")
        pieces = _read_pieces(reader, n_pieces)
        _entries, n_bytes = reader.unpack("iI")
        reader.take(n_bytes)
        tensors = dict(_read_tensor(reader) for _ in range(reader.unpack("i")[0]))
    except (struct.error, ValueError, IndexError) as error:
        raise BadLayout(file=path.name, reason=str(error)) from error
    special = dict(zip(("bos", "eos", "pad", "unk"), ids, strict=True))
    return Weights(Shape(*(*sizes, epsilon)), pieces, special, tensors)


def _read_pieces(reader: _Reader, count: int) -> tuple[tuple[str, float], ...]:
    (n_bytes,) = reader.unpack("Q")
    offsets = np.frombuffer(reader.take(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.take(4 * count), "<f4")
    text = reader.take(n_bytes)
    return tuple(
        (text[start:end].decode("utf-8", "replace"), float(score))
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    )


def _read_tensor(reader: _Reader) -> tuple[str, Tensor]:
    (length,) = reader.unpack("H")
    name = reader.take(length).decode()
    _kind, count, offset, n_bytes = reader.unpack("BIQQ")
    raw = reader.data[offset : offset + n_bytes]
    if len(raw) != n_bytes:
        raise ValueError(f"{name}: {len(raw)} bytes of {n_bytes}")
    if n_bytes == 4 * count:
        return name, np.frombuffer(raw, "<f4")
    values = dequantise(raw)
    if values.size < count:
        raise ValueError(f"{name}: {values.size} numbers of {count}")
    return name, values[:count]


def dequantise(raw: bytes) -> Tensor:
    """Numbers of 18-byte blocks, 32 a block, as float32.

    >>> block = np.float16(0.5).tobytes() + bytes([0x98] * 16)  # low half 8, high half 9
    >>> dequantise(block)[[0, 31]]
    array([0. , 0.5], dtype=float32)
    """
    blocks = np.frombuffer(raw, _BLOCK)
    halves = np.concatenate([blocks["halves"] & 15, blocks["halves"] >> 4], axis=1).astype(np.float32)
    values: Tensor = ((halves - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    return values


def unpack(source: Path, folder: Path) -> None:
    """Write the sentence-transformers folder, once. It appears at once and whole: made beside its place, then renamed.

    One process unpacks at a time, others wait for its folder. The kernel frees the lock of one that was killed, so
    whoever holds it knows that every half-made folder is a dead process's, and removes it.
    """
    if folder.is_dir() and not _half_made(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in _half_made(folder):
            shutil.rmtree(left, ignore_errors=True)
        if folder.is_dir():
            return
        making = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _write_folder(read_weights(source), making)
            making.replace(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)


def _half_made(folder: Path) -> list[Path]:
    return list(folder.parent.glob(f".{folder.name}-*"))


def _write_folder(weights: Weights, folder: Path) -> None:
    from safetensors.numpy import save_file

    save_file(_state(weights), folder / "model.safetensors", metadata={"format": "pt"})
    _tokenizer(weights).save(str(folder / "tokenizer.json"))
    names = {f"{kind}_token": weights.pieces[place][0] for kind, place in weights.special.items()}
    names |= {"cls_token": names["bos_token"], "sep_token": names["eos_token"]}
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    pooling = {"word_embedding_dimension": weights.shape.hidden, "pooling_mode_mean_tokens": True}
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    for name, content in {
        "config.json": _config(weights),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            **names,
        },
        "special_tokens_map.json": names,
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "1_Pooling/config.json": pooling,
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
    }.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _config(weights: Weights) -> dict[str, Any]:
    shape = weights.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": weights.tensors["emb.word"].size // shape.hidden,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": weights.tensors["emb.type"].size // shape.hidden,
        "layer_norm_eps": shape.epsilon,
        "pad_token_id": weights.special["pad"],
        "hidden_act": "gelu",
        "torch_dtype": "float32",
    }


_PARTS = {
    "q": ("attention.self.query", "hidden", "hidden"),
    "k": ("attention.self.key", "hidden", "hidden"),
    "v": ("attention.self.value", "hidden", "hidden"),
    "ao": ("attention.output.dense", "hidden", "hidden"),
    "fi": ("intermediate.dense", "feed_forward", "hidden"),
    "fo": ("output.dense", "hidden", "feed_forward"),
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def _state(weights: Weights) -> dict[str, Tensor]:
    """The tensors under the names and in the shapes that a BERT model has."""
    shape, tensors = weights.shape, weights.tensors
    state = {
        f"embeddings.{kind}_embeddings.weight": tensors[f"emb.{key}"].reshape(-1, shape.hidden)
        for kind, key in (("word", "word"), ("position", "pos"), ("token_type", "type"))
    }
    state |= {"embeddings.LayerNorm.weight": tensors["emb.ln.w"], "embeddings.LayerNorm.bias": tensors["emb.ln.b"]}
    for layer in range(shape.layers):
        ours, theirs = f"l{layer}.", f"encoder.layer.{layer}."
        for key, (name, rows, columns) in _PARTS.items():
            size = (getattr(shape, rows), getattr(shape, columns))
            state[f"{theirs}{name}.weight"] = tensors[f"{ours}{key}.w"].reshape(size)
            state[f"{theirs}{name}.bias"] = tensors[f"{ours}{key}.b"]
        for key, name in _NORMS.items():
            state[f"{theirs}{name}.weight"] = tensors[f"{ours}{key}.w"]
            state[f"{theirs}{name}.bias"] = tensors[f"{ours}{key}.b"]
    return {name: np.ascontiguousarray(value) for name, value in state.items()}


def _tokenizer(weights: Weights) -> Any:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    special = weights.special
    tokenizer = Tokenizer(models.Unigram(list(weights.pieces), unk_id=special["unk"], byte_fallback=False))
    spaces = normalizers.Replace(Regex(r"[\s\u200b]+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), spaces])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    first, last = weights.pieces[special["bos"]][0], weights.pieces[special["eos"]][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, special["bos"]), (last, special["eos"])],
    )
    return tokenizer
