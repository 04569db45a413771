"""Whom a dossier names, and which experts of the pool they are: by name and organisation, never by a name alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.documents.dossier import Interested
from reviewers.organisations import organisation_key


@dataclass(frozen=True)
class Known:
    """An expert as somebody can be told apart: every form of the name, and where they work."""

    expert_id: str
    names: tuple[str, ...]
    organisation: str


@dataclass(frozen=True)
class Found:
    """`state`: same (these experts are the person), open (equal name: people must look), nobody (no expert of that name),
    not_computable (no organisation is given, so that even an expert under another spelling could be the person)."""

    person: Interested
    state: str
    expert_ids: tuple[str, ...] = ()


class Register:
    """A pool indexed once by name; `aliases` maps further names of organisations to the one in use."""

    def __init__(self, pool: Iterable[Known], aliases: Mapping[str, str]) -> None:
        self.keys = {organisation_key(other): organisation_key(name) for other, name in aliases.items()}
        self.by_name: dict[str, list[Known]] = {}
        for known in pool:
            for name in sorted({name_key(n) for n in known.names} - {""}):
                self.by_name.setdefault(name, []).append(known)

    def find(self, person: Interested) -> Found:
        equal, here = self.by_name.get(name_key(person.name), []), self._place(person.organisation)
        sure = [known for known in equal if here and self._place(known.organisation) == here]
        state = "same" if sure else "open" if equal else "nobody" if here else "not_computable"
        return Found(person, state, tuple(known.expert_id for known in sure or equal))

    def _place(self, organisation: str) -> str:
        own = organisation_key(organisation)
        return self.keys.get(own, own)


def name_key(name: str) -> str:
    """Spelling without blanks, points, hyphens and case."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
