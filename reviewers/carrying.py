"""What an earlier measuring under the same fit knows already: only the rows and columns of what is new are measured again.

A row is a dossier, a column an expert, each known by a digest of all that moves it. Where a dossier's row stands on the scale
(`standing`) is kept from its first measuring, so that one expert's new work moves no other expert.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from reviewers.likeness import Given
from reviewers.records import Dossier, Expert, Work
from reviewers.sides import Side
from reviewers.terms import Bags
from reviewers.text import dossier_texts, normalise

Floats = npt.NDArray[np.float32]
STANDING = 5  # mean and width of a row's sums, mean and width of its nearness in meaning, upper quartile of its affinities


@dataclass(frozen=True)
class Earlier:
    """Affinities with their axes, and the standing of each row, (rows, STANDING)."""

    dossiers: Mapping[str, int]
    experts: Mapping[str, int]
    value: Floats = field(repr=False)
    standing: Floats = field(repr=False)


def of_dossier(dossier: Dossier) -> str:
    """The digest of what moves a dossier's row."""
    documents = (normalise(passage.text) for passage in dossier.documents)
    return _digest([*dossier_texts(dossier), "documents", *documents, "fields", *dossier.fields])


def of_expert(expert: Expert, works: Sequence[tuple[Work, str]]) -> str:
    """The digest of what moves an expert's column; hubness goes by the id."""
    declared = [] if works else [f"{entry.code} {entry.level}" for entry in expert.fields]
    return _digest([expert.id, *declared, *(part for work, text in works for part in (str(work.year), text))])


def _digest(parts: Sequence[str]) -> str:
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        total.update(len(data).to_bytes(8) + data)
    return total.hexdigest()


def rows_and_columns(given: Given, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> Given:
    """The same for some dossiers and some experts, both ascending."""
    works = np.flatnonzero(np.isin(given.right.owner, columns))
    return replace(
        given,
        left=texts_of(given.left, rows),
        right=texts_of(given.right, columns),
        looked_for=bags_of(given.looked_for, rows),
        present=bags_of(given.present, works),
        years=[given.years[work] for work in works.tolist()],
        ids=tuple(given.ids[column] for column in columns.tolist()),
    )


def texts_of(side: Side, owners: npt.NDArray[np.intp]) -> Side:
    """The texts of some owners, who are numbered anew."""
    kept = np.isin(side.owner, owners)
    renumbered = np.searchsorted(owners, side.owner[kept])
    return Side(renumbered, side.language[kept], {name: rows[kept] for name, rows in side.vectors.items()})


def bags_of(bags: Bags, rows: npt.NDArray[np.intp]) -> Bags:
    """Some bags, in ascending order of their rows."""
    kept = np.isin(bags.row, rows)
    start = np.concatenate([[0], np.cumsum(np.diff(bags.start)[rows])])
    return Bags(start, bags.term[kept], bags.count[kept])
