"""The troubles designed into the demonstration: which product idea has which, and what a person should notice."""

from __future__ import annotations

from app.demo.vocabulary_file import phrases
from app.demo.words import Pair

_ROWS = phrases("troubles")

# (sub-field, number of the product idea in its file, from 0) -> trouble
TROUBLES: dict[tuple[str, int], str] = {(row["field"], row["product"] - 1): code for code, row in _ROWS.items()}
NOTES: dict[str, Pair] = {code: Pair.read(row["note"]) for code, row in _ROWS.items()}
