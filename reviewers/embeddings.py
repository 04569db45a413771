"""Texts become vectors: what an encoder is, the one that runs sentence-transformers, and embedding that resumes."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

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
        self._model: Any = None
        self._turn = Lock()
        self.at_once = os.cpu_count() or 1

    @property
    def dim(self) -> int:
        return int(self._loaded().get_sentence_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Safe to call from several threads at once: only the tokenizer takes turns."""
        import torch

        model = self._loaded()
        with self._turn:
            features = model.preprocess([self.prompt + text for text in texts])
        with torch.inference_mode():
            vectors = torch.nn.functional.normalize(model(features)["sentence_embedding"], dim=1)
        return np.asarray(vectors.numpy(), dtype=np.float32)

    def _loaded(self) -> Any:
        with self._turn:
            return self._load()

    def _load(self) -> Any:
        if self._model is None:
            os.environ["HF_HUB_OFFLINE"] = "1"  # read by the hub's client when it is imported: it never looks outside
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            # It would report the pooler of the network, which mean pooling has no use for.
            logging.set_verbosity_error()
            logging.disable_progress_bar()
            torch.set_num_threads(
                1
            )  # batches run side by side instead: half the processor time of threads that wait for each other
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
    batches = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
    unsaved: dict[str, Vector] = {}
    for batch, vectors in zip(batches, _encoded(batches, by_digest, encoder), strict=True):
        unsaved.update(zip(batch, vectors, strict=True))
        if batch is batches[-1] or len(unsaved) >= BATCH * BATCHES_PER_WRITE:
            if cache:
                cache.keep(encoder.digest, unsaved)
            known.update(unsaved)
            unsaved = {}
        _report(progress, len(known) + len(unsaved), len(by_digest))
    if not digests:
        return np.zeros((0, encoder.dim), dtype=np.float32)
    return np.stack([known[digest] for digest in digests])


def _encoded(batches: Sequence[Sequence[str]], texts: Mapping[str, str], encoder: Encoder) -> Iterator[Vectors]:
    """The batches' vectors in order, as many batches at once as the encoder says (`at_once`, else one)."""
    at_once = int(getattr(encoder, "at_once", 1))
    if at_once == 1:
        yield from (encoder.encode([texts[digest] for digest in batch]) for batch in batches)
        return
    with ThreadPoolExecutor(at_once) as pool:
        under_way: deque[Future[Vectors]] = deque()
        try:
            for batch in batches:
                under_way.append(pool.submit(encoder.encode, [texts[digest] for digest in batch]))
                if len(under_way) > 2 * at_once:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
