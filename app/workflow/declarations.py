"""What a panellist signs and declares, as data in two languages: pledge, grounds of conflict, reasons for declining."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Choice:
    code: str
    ko: str
    en: str


@dataclass(frozen=True)
class Pledge:
    """One version of the text; whoever signed it is bound to these sentences."""

    version: str
    ko: tuple[str, ...]
    en: tuple[str, ...]


_data = tomllib.loads(Path(__file__).with_name("declarations.toml").read_text())
PLEDGES: dict[str, Pledge] = {
    p["version"]: Pledge(p["version"], tuple(p["ko"]), tuple(p["en"])) for p in _data["pledge"]
}
CURRENT: Pledge = PLEDGES[_data["current"]]
GROUNDS: dict[str, Choice] = {g["code"]: Choice(**g) for g in _data["ground"]}
DECLINE_REASONS: dict[str, Choice] = {d["code"]: Choice(**d) for d in _data["decline"]}
