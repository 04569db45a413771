"""A filed dossier as one archive that anybody can check: the same content gives the same bytes, so its SHA-256 proves it.

A ZIP, nothing compressed, no times: `manifest.json` (every other member with size and SHA-256), `SHA256SUMS` for
`sha256sum -c`, `dossier.json` in canonical form, then the files by slot in the order they were filed.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "ppir-dossier-bundle/1"
BLOCK = 1 << 20
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first a ZIP can say


class Damaged(Exception):
    """A stored file no longer holds what was filed: nothing may be bundled from it."""


@dataclass(frozen=True)
class Member:
    """A file of the filing, where it stands in the archive and where its bytes lie."""

    path: str
    sha256: str
    size: int
    source: Path


def members(files: Sequence[Mapping[str, Any]], path: Callable[[str], Path]) -> list[Member]:
    """The filed files under names that every system can unpack; `path` finds the bytes of a digest."""
    return [
        Member(f"files/{f['slot']}-{n:02d}-{_plain(f['name'])}", f["sha256"], int(f["size"]), path(f["sha256"]))
        for n, f in enumerate(files, 1)
    ]


def write(out: BinaryIO, *, head: Mapping[str, Any], content: Mapping[str, Any], files: Sequence[Member]) -> None:
    """Write the archive, block by block. `head` says which filing it is; a file whose bytes changed raises Damaged."""
    dossier = _canonical({**head, "content": content})
    sums = [("dossier.json", hashlib.sha256(dossier).hexdigest(), len(dossier)), *((m.path, m.sha256, m.size) for m in files)]
    manifest = {"format": FORMAT, **head, "members": [{"path": p, "sha256": s, "size": n} for p, s, n in sums]}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_entry("manifest.json"), _canonical(manifest))
        archive.writestr(_entry("SHA256SUMS"), "".join(f"{s}  {p}\n" for p, s, _n in sums).encode())
        archive.writestr(_entry("dossier.json"), dossier)
        for member in files:
            _copy(archive, member)


def differing(file: BinaryIO) -> list[str]:
    """The members of an archive that are not what its manifest says, or are missing; [] when all are."""
    with zipfile.ZipFile(file) as archive:
        told = {m["path"]: m["sha256"] for m in json.loads(archive.read("manifest.json"))["members"]}
        held = set(archive.namelist()) - {"manifest.json", "SHA256SUMS"}
        return sorted((told.keys() ^ held) | {name for name in told.keys() & held if _digest(archive, name) != told[name]})


def _copy(archive: zipfile.ZipFile, member: Member) -> None:
    entry = _entry(member.path)
    entry.file_size = member.size
    seen = hashlib.sha256()
    with member.source.open("rb") as source, archive.open(entry, "w") as target:
        while block := source.read(BLOCK):
            seen.update(block)
            target.write(block)
    if seen.hexdigest() != member.sha256:
        raise Damaged(member.path)


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    try:
        with archive.open(name) as member:
            return hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]
    except zipfile.BadZipFile:
        return ""  # its own checksum says so already


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, NO_TIME)
    entry.create_system, entry.external_attr = 3, 0o100644 << 16  # the same on every system that writes it
    return entry


def _canonical(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _plain(name: str) -> str:
    """Without what a file system refuses, composed, short enough for every one; the extension stays."""
    composed = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]', "_", unicodedata.normalize("NFC", name)).strip(" .") or "file"
    stem, dot, suffix = composed.rpartition(".")
    return f"{stem[:60]}{dot}{suffix}" if stem and suffix.isalnum() and len(suffix) <= 10 else composed[:60]
