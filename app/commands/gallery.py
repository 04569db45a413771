"""The pictures of all pages as files, and their index by group of users: `docs/screens/README.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from config import LANGUAGES

LINE = re.compile(r"^\| (?P<ko>.*) \| (?P<en>.*) \| \[한국어\]\((?P<name>[\w-]+)\.ko\.")


class Group(NamedTuple):
    """`role` sees the pages, empty: whoever is signed in or nobody at all."""

    ko: str
    en: str
    role: str = ""


GROUPS: dict[str, Group] = {
    "public": Group("국민", "Public"),
    "account": Group("계정", "Accounts"),
    "applicant": Group("신청기업", "Applicant", "applicant"),
    "coordinator": Group("담당자", "Coordinator", "coordinator"),
    "panellist": Group("평가위원", "Panellist", "panellist"),
    "procurement": Group("조달청", "Procurement service", "procurement"),
    "committee": Group("조달정책심의위원회", "Committee", "committee"),
    "institution": Group("수요기관", "Institution", "institution"),
    "auditor": Group("감사자", "Auditor", "auditor"),
    "admin": Group("관리자", "Administrator", "administrator"),
}


def group_of(endpoint: str) -> str:
    return endpoint.partition(".")[0]


class Gallery:
    """One file for each page and language; the index keeps the titles of pages that another run took."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, kind
        self.titles = self._read()

    def path(self, endpoint: str, language: str) -> Path:
        return self.folder / f"{_name(endpoint)}.{language}.{self.kind}"

    def has(self, endpoint: str) -> bool:
        return _name(endpoint) in self.titles and all(self.path(endpoint, language).exists() for language in LANGUAGES)

    def put(self, endpoint: str, language: str, title: str, picture: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path(endpoint, language).write_bytes(picture)
        self.titles.setdefault(_name(endpoint), {})[language] = " ".join(title.split()).replace("|", "\\|")
        self.write_index()  # a run that is stopped leaves an index of what it took

    def keep_only(self, endpoints: Iterable[str]) -> None:
        """Forget pages that no longer exist."""
        names = {_name(endpoint) for endpoint in endpoints}
        self.titles = {name: title for name, title in self.titles.items() if name in names}
        for path in self.folder.glob(f"*.??.{self.kind}"):
            if path.name.partition(".")[0] not in names:
                path.unlink()

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob(f"*.??.{self.kind}"))

    def write_index(self) -> None:
        parts = [f"# 화면 · Screens\n\n{INTRODUCTION}"]
        for key, group in GROUPS.items():
            names = [name for name in sorted(self.titles) if name.partition("-")[0] == key]
            if names:
                head = [f"## {group.ko} · {group.en}\n", "| 화면 | Page | | |", "|---|---|---|---|"]
                parts.append("\n".join([*head, *map(self._line, names)]))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "README.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")

    def _line(self, name: str) -> str:
        ko, en = (self.titles[name].get(language, "") for language in ("ko", "en"))
        return f"| {ko} | {en} | [한국어]({name}.ko.{self.kind}) | [English]({name}.en.{self.kind}) |"

    def _read(self) -> dict[str, dict[str, str]]:
        index = self.folder / "README.md"
        lines = index.read_text(encoding="utf-8").splitlines() if index.exists() else []
        found = (match for match in map(LINE.match, lines) if match)
        return {match["name"]: {"ko": match["ko"], "en": match["en"]} for match in found}


def _name(endpoint: str) -> str:
    return endpoint.replace(".", "-")


INTRODUCTION = """Every page of the demonstration in both languages, as the account sees it that sees most; all names, companies,
products and marks are invented. `ppir screens` takes the pictures and writes this index; with `--group applicant` it takes
the pages of one group."""
