"""Vectors kept between runs, so that an interrupted embedding resumes and a second run costs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]

_TABLE = """create table if not exists vector (
    model text not null, text text not null, value blob not null, primary key (model, text)) without rowid"""
_KEYS_PER_QUERY = 500  # below SQLite's oldest limit of 999 parameters


class VectorCache:
    """One SQLite file in `folder`, keyed by the digest of the model and the digest of the text.

    Each batch is one transaction in write-ahead mode: a process killed at any moment loses at most its last batch, and
    several processes may read and write at once. Vectors are float32, stored little-endian.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> cache = VectorCache(Path(folder.name))
    >>> cache.keep("model", {"text": np.array([0.6, 0.8], dtype=np.float32)})
    >>> cache.find("model", ["text", "other"])
    {'text': array([0.6, 0.8], dtype=float32)}
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "vectors.sqlite3"
        with closing(self._open()) as connection, connection:
            connection.execute(_TABLE)

    def find(self, model: str, texts: Iterable[str]) -> dict[str, Vector]:
        """The vectors that are there, by text digest."""
        wanted = sorted(set(texts))  # in the order of the file: half the time
        found: dict[str, Vector] = {}
        with closing(self._open()) as connection:
            for start in range(0, len(wanted), _KEYS_PER_QUERY):
                found.update(_rows(connection, model, wanted[start : start + _KEYS_PER_QUERY]))
        return found

    def keep(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Store vectors by text digest; one that is there already stays as it is."""
        rows = [(model, text, vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
        with closing(self._open()) as connection, connection:
            connection.executemany("insert or ignore into vector values (?, ?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=60)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")  # a crash of the machine may cost the last batches, never the file
        return connection


def _rows(connection: sqlite3.Connection, model: str, texts: Sequence[str]) -> dict[str, Vector]:
    marks = ",".join("?" * len(texts))
    query = f"select text, value from vector where model = ? and text in ({marks})"  # noqa: S608 (marks are only "?")
    return {text: np.frombuffer(value, "<f4").astype(np.float32) for text, value in connection.execute(query, (model, *texts))}
