"""What is said of a file after reading it: findings as codes with data, each of a weight; the catalogues hold the words.

The words of a code stand under `reading.<code>`, what to do about it under `reading.<code>.remedy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents import languages, passages
from app.documents.form import SLOT

STOPS, WARNS, NOTES = "stops", "warns", "notes"
WEIGHTS: dict[str, str] = {
    "infected": STOPS,
    "encrypted": STOPS,
    "macro": STOPS,
    "unreadable": STOPS,
    "too_large": STOPS,
    "two_files": STOPS,
    "nested_archive": STOPS,
    "resident_number": STOPS,
    "empty": STOPS,  # blank pages only: nothing was submitted
    "too_slow": WARNS,
    "image_only": WARNS,  # only in a slot that panellists read
    "image_pages": NOTES,
    "blank_pages": WARNS,
    "hidden_text": WARNS,
    "ocr_layer": NOTES,
    "garbled": WARNS,
    "cut": WARNS,
    "nothing_read": WARNS,  # a ZIP with no document in it that can be read
    "addressed": NOTES,
    "stuffed": NOTES,
    "unchecked": NOTES,
    "left_unread": NOTES,
    "scripts": NOTES,
    "inside": NOTES,
    "not_scanned": NOTES,
}
_REFUSALS = {  # what the gate or a reader refuses with → the verdict; every other refusal is "unreadable"
    "file.encrypted": "encrypted",
    "file.encrypted_hwpx": "encrypted",
    "file.encrypted_pdf": "encrypted",
    "file.macro": "macro",
    "file.archive_bomb": "too_large",
    "file.two_files": "two_files",
    "file.nested_archive": "nested_archive",
    "file.program_inside": "nested_archive",
}


@dataclass(frozen=True)
class Found:
    """One finding as pages and guards use it."""

    code: str
    weight: str
    data: Mapping[str, Any]


def of_refusal(code: str) -> str:
    return _REFUSALS.get(code, "unreadable")


def of_pages(
    unit: str, pages: Sequence[Any], found: Iterable[tuple[str, Mapping[str, Any]]], residents: Sequence[int]
) -> dict[str, Any]:
    """The verdict on what was read; `residents`: pages on which a resident number stood. Workbooks come with empty sheets, and a
    slide that is not shown is told as hidden, not as blank."""
    blank = [n for n, page in enumerate(pages, 1) if page.blank]
    drawn = [n for n, page in enumerate(pages, 1) if page.drawn and not page.text]
    hidden = [n for n, page in enumerate(pages, 1) if page.hidden]
    said = _joined(found)
    hidden = [n for n in hidden if n not in said.get("ocr_layer", {}).get("pages", ())]
    findings: list[tuple[str, Mapping[str, Any]]] = []
    if residents:
        findings.append(("resident_number", {"pages": list(residents)}))
    if pages and len(blank) == len(pages):
        findings.append(("empty", {"pages": blank}))
    elif bare := [n for n in blank if unit != "sheet" and pages[n - 1].why != ("slide",)]:
        findings.append(("blank_pages", {"pages": bare}))
    if drawn:
        findings.append(("image_only" if len(drawn) + len(blank) == len(pages) else "image_pages", {"pages": drawn}))
    if hidden:
        n = sum(len(pages[at - 1].hidden) for at in hidden)
        why = dict.fromkeys(code for at in hidden for code in pages[at - 1].why)
        findings.append(("hidden_text", {"pages": hidden, "n": n, "why": list(why)}))
    if unit != "sheet":  # a table says one word often, and instructs nobody
        findings += [(code, {"pages": at}) for code, at in passages.baits([page.text for page in pages]).items()]
    findings += [(code, data) for code, data in said.items() if code in WEIGHTS]
    return {
        "findings": [{"code": code, "data": dict(data)} for code, data in findings],
        "languages": languages.of(page.text for page in pages),
        "with_text": sum(bool(page.text) for page in pages),
        "blank": blank,
        **({"size": said["size"]} if "size" in said else {}),
    }


def _joined(found: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Code → data; what several documents of one ZIP say alike is said once, with the pages of all."""
    said: dict[str, dict[str, Any]] = {}
    for code, data in found:
        before = said.setdefault(code, dict(data))
        if before != data and isinstance(data.get("pages"), list):
            before["pages"] = sorted({*before["pages"], *data["pages"]})
    return said


def refused(code: str, *, inside: str = "", **data: Any) -> dict[str, Any]:
    """The verdict on a file that could not be read; `inside`: the document of a ZIP on which that was said."""
    named = [{"code": "inside", "data": {"name": inside}}] if inside else []
    return {"findings": [{"code": code, "data": data}, *named], "with_text": 0, "blank": []}


def findings(verdict: Mapping[str, Any], slot: str = "") -> list[Found]:
    """The findings, the gravest first; in a slot that no panellist reads a scan is as good as text."""
    order = (STOPS, WARNS, NOTES)
    told = [Found(f["code"], WEIGHTS.get(f["code"], NOTES), f.get("data", {})) for f in verdict.get("findings", ())]
    if slot and not SLOT[slot].panel:
        told = [Found(f.code, NOTES, f.data) if f.code == "image_only" else f for f in told]
    return sorted(told, key=lambda f: order.index(f.weight))


def empty(verdict: Mapping[str, Any]) -> bool:
    """Blank pages only: counts as not submitted."""
    return any(f["code"] == "empty" for f in verdict.get("findings", ()))
