"""Workbooks: one page a sheet in the order of the tabs, a row a line, cells as stored; sheets not shown are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from app.documents.readers.flow import MOST_CHARS, Document, Flow
from app.documents.readers.xml import Element, Package, child, local

MAIN = "xl/workbook.xml"
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


def read(stream: BinaryIO) -> Document:
    package = Package(stream)
    main = package.main(MAIN)
    parts = package.targets(main)
    flow = Flow("sheet")
    strings = _strings(package, next((name for name in parts.values() if name.endswith("sharedStrings.xml")), ""))
    sheets = child(package.tree(main), "sheets")
    for n, sheet in enumerate(sheets if sheets is not None else ()):
        if n:
            flow.turn()
        flow.pages[-1].label = sheet.get("name", "")[:80]
        name = parts.get(next((value for key, value in sheet.items() if key.endswith("}id")), ""), "")
        hidden = sheet.get("state", "visible") != "visible"
        if name in package.names:
            _rows(package, name, strings, flow, hidden)
            _drawings(package, name, flow, hidden)
    return flow.done()


def _strings(package: Package, name: str) -> list[str]:
    """The shared strings, as far as the limit of a document goes; phonetic guides are left out."""
    found: list[str] = []
    size = 0
    if name in package.names:
        for item in package.elements(name, f"{_SHEET}si", f"{_STRICT}si"):
            text = "".join(_texts(item))
            size += len(text)
            found.append(text if size <= MOST_CHARS else "")
    return found


def _texts(item: Element) -> Sequence[str]:
    return [t.text or "" for c in item if local(c) in ("t", "r") for t in ([c] if local(c) == "t" else c) if local(t) == "t"]


def _rows(package: Package, name: str, strings: Sequence[str], flow: Flow, hidden: bool) -> None:
    for row in package.elements(name, f"{_SHEET}row", f"{_STRICT}row"):
        cells = [text for text in (_cell(c, strings) for c in row if local(c) == "c") if text]
        if cells:
            flow.say("\t".join(cells), hidden)
            flow.end_line()
        if flow.cut:
            return


def _cell(cell: Element, strings: Sequence[str]) -> str:
    if cell.get("t") == "inlineStr":
        inline = child(cell, "is")
        return "".join(_texts(inline)) if inline is not None else ""
    value = child(cell, "v")
    text = (value.text or "") if value is not None else ""
    if cell.get("t") == "s":
        return strings[int(text)] if text.isdigit() and int(text) < len(strings) else ""
    return text


def _drawings(package: Package, sheet: str, flow: Flow, hidden: bool) -> None:
    """Text boxes laid over the cells."""
    for name in (target for target in package.targets(sheet).values() if target.startswith("xl/drawings/drawing")):
        flow.draw()
        for p in package.tree(name).iter():
            if local(p) == "p":
                flow.say("".join(t.text or "" for t in p.iter() if local(t) == "t"), hidden)
                flow.end_line()


