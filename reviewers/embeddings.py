"""Texts become vectors: what an encoder is, and embedding that resumes. Nothing here loads a model."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reviewers.text import digest_of_normal, normalise
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


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    cache: VectorCache | None = None,
    progress: Progress | None = None,
    *,
    normal: bool = False,
) -> Vectors:
    """Unit vectors of texts, shape (len(texts), dim), taken from the cache where it has them.

    Equal texts are encoded once. New ones are sorted by length, so that a batch holds little padding, and written to
    the cache every few batches: killed at any moment, the next call continues there. `progress(done, total)` counts
    distinct texts and is called once at the start and after each batch. `normal` texts are not normalised once more.
    """
    normalised = texts if normal else [normalise(text) for text in texts]
    digests = [digest_of_normal(text) for text in normalised]
    by_digest = dict(zip(digests, normalised, strict=True))
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
