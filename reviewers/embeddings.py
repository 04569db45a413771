"""Texts become vectors: what an encoder is, the one that runs sentence-transformers, and embedding that resumes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reviewers.text import normalise, text_digest
from reviewers.vector_cache import Vector, VectorCache

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]

BATCH = 32  # measured on 2 cores: 32 to 64 texts of like length are fastest, and a kill loses two seconds of work
BATCHES_PER_WRITE = 4


class Encoder(Protocol):
    """Anything that maps texts to unit vectors.

    `digest` names the weights and every setting that changes a vector, so it can key a cache. `encode` returns float32
    of shape (len(texts), dim) with rows of length 1.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class SentenceEncoder:
    """A sentence-transformers folder on disk, loaded at its first use, without any network.

    `prompt` is put before each text (multilingual-e5 wants "query: "). Texts are cut after `max_tokens` tokens. Only
    safetensors are read and no code of the folder is run.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str | None = None,
        prompt: str = "",
        max_tokens: int = 256,
        weights: str | None = None,
    ) -> None:
        self.folder, self.prompt, self.max_tokens = folder, prompt, max_tokens
        self.name = name or folder.name
        settings = f"{weights or folder_digest(folder)}|{prompt}|{max_tokens}"
        self.digest = hashlib.sha256(settings.encode()).hexdigest()
        self._model: object | None = None

    @property
    def dim(self) -> int:
        return int(self._loaded().get_sentence_embedding_dimension())  # type: ignore[attr-defined]

    def encode(self, texts: Sequence[str]) -> Vectors:
        import torch

        model = self._loaded()
        with torch.inference_mode():
            vectors = model.encode(  # type: ignore[attr-defined]
                [self.prompt + text for text in texts],
                prompt="",
                batch_size=max(len(texts), 1),
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)

    def _loaded(self) -> object:
        if self._model is None:
            os.environ["HF_HUB_OFFLINE"] = "1"  # read by the hub's client when it is imported: it never looks outside
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            # It would report the pooler of the network, which mean pooling has no use for.
            logging.set_verbosity_error()
            logging.disable_progress_bar()
            torch.set_num_threads(os.cpu_count() or 1)
            model = SentenceTransformer(
                str(self.folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
            )
            model.max_seq_length = self.max_tokens
            self._model = model
        return self._model


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files of a model folder that decide its vectors."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".txt", ".model"):
            total.update(str(path.relative_to(folder)).encode() + b"\0")
            with path.open("rb") as handle:
                total.update(hashlib.file_digest(handle, "sha256").digest())
    return total.hexdigest()


def embed(texts: Sequence[str], encoder: Encoder, cache: VectorCache | None = None, progress: Progress | None = None) -> Vectors:
    """Unit vectors of texts, shape (len(texts), dim), taken from the cache where it has them.

    Equal texts are encoded once. New ones are sorted by length, so that a batch holds little padding, and written to
    the cache every few batches: killed at any moment, the next call continues there. `progress(done, total)` counts
    distinct texts and is called once at the start and after each batch.
    """
    digests = [text_digest(text) for text in texts]
    by_digest = dict(zip(digests, map(normalise, texts), strict=True))
    known: dict[str, Vector] = cache.find(encoder.digest, by_digest) if cache else {}
    # A token is nearly four bytes in either language, but one letter or five of Hangul or Latin: bytes sort by work to do.
    size = {digest: len(text.encode("utf-8")) for digest, text in by_digest.items() if digest not in known}
    missing = sorted(size, key=lambda digest: (-size[digest], digest))
    _report(progress, len(known), len(by_digest))
    unsaved: dict[str, Vector] = {}
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        unsaved.update(zip(batch, encoder.encode([by_digest[digest] for digest in batch]), strict=True))
        last = start + BATCH >= len(missing)
        if last or len(unsaved) >= BATCH * BATCHES_PER_WRITE:
            if cache:
                cache.keep(encoder.digest, unsaved)
            known.update(unsaved)
            unsaved = {}
        _report(progress, len(known) + len(unsaved), len(by_digest))
    if not digests:
        return np.zeros((0, encoder.dim), dtype=np.float32)
    return np.stack([known[digest] for digest in digests])


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
