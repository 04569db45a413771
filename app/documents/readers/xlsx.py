"""Workbooks: one page a sheet in the order of the tabs, a row a line, cells as stored. Hidden are sheets, rows and columns that do
not show, and cells written in the colour of their ground, tiny, or under a number format that shows nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

from app.documents.readers.colour import PAPER, TINY_POINTS, UNKNOWN, channels, unseen
from app.documents.readers.drawing import Ground, Palette, palette
from app.documents.readers.flow import MOST_CHARS, Document, Flow
from app.documents.readers.xml import Element, Package, attribute, child, local

MAIN = "xl/workbook.xml"
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_BASIC = ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")  # indexed colours 0 to 7, 8 to 15
_SYSTEM = {"64": "000000", "65": PAPER}
_THEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")
_SHOWS_NOTHING = ";;;"
_YES = ("1", "true")


def read(stream: BinaryIO) -> Document:
    package = Package(stream)
    main = package.main(MAIN)
    parts = package.targets(main)
    strings = _strings(package, _part(parts, "sharedStrings.xml"))
    colours = palette(package, next((name for name in parts.values() if "/theme/" in name), ""))
    book = _Book(package, strings, _looks(package.maybe(_part(parts, "styles.xml")), colours), Ground(colours))
    sheets = child(package.tree(main), "sheets")
    for n, sheet in enumerate(sheets if sheets is not None else ()):
        if n:
            book.flow.turn()
        book.flow.pages[-1].label = sheet.get("name", "")[:80]
        name = parts.get(next((value for key, value in sheet.items() if key.endswith("}id")), ""), "")
        if name in package.names:
            book.sheet(name, "" if sheet.get("state", "visible") == "visible" else "sheet")
    return book.flow.done()


class _Book:
    def __init__(self, package: Package, strings: Sequence[str], looks: Sequence[str], ground: Ground) -> None:
        self.flow = Flow("sheet")
        self._package, self._strings, self._looks, self._ground = package, strings, looks, ground

    def sheet(self, name: str, why: str) -> None:
        columns: set[int] = set()
        for element in self._package.elements(name, *(f"{space}{tag}" for tag in ("col", "row") for space in (_SHEET, _STRICT))):
            if local(element) == "col":
                columns |= _hidden_columns(element)
                continue
            unshown = element.get("hidden") in _YES or element.get("ht") == "0"
            self._row(element, why or ("row" if unshown else ""), columns)
            if self.flow.cut:
                return
        self._drawings(name, why)

    def _row(self, row: Element, why: str, columns: set[int]) -> None:
        """The cells seen on a line of their own, and the hidden ones, tabs between them."""
        begun = {True: False, False: False}
        for at, cell in _cells(row):
            text = _text(cell, self._strings)
            if text:
                hidden = why or ("row" if at in columns else self._look(cell))
                self.flow.say(f"\t{text}" if begun[bool(hidden)] else text, hidden)
                begun[bool(hidden)] = True
        self.flow.end_line()

    def _look(self, cell: Element) -> str:
        style = cell.get("s", "0")
        return self._looks[int(style)] if style.isdigit() and int(style) < len(self._looks) else ""

    def _drawings(self, sheet: str, why: str) -> None:
        """Text boxes laid over the cells."""
        for name in (target for target in self._package.targets(sheet).values() if target.startswith("xl/drawings/drawing")):
            self.flow.draw()
            self._shapes(self._package.tree(name), replace(self._ground, why=why))

    def _shapes(self, element: Element, ground: Ground) -> None:
        for c in element:
            if local(c) == "p":
                for r in c:
                    words = child(r, "t")
                    if words is not None:
                        self.flow.say(words.text or "", ground.hides(child(r, "rPr")))
                self.flow.end_line()
            elif local(c) == "sp":
                self._shapes(c, ground.under(child(c, "spPr"), child(c, "style")))
            elif local(c) != "Fallback":
                self._shapes(c, ground)


def _part(parts: Mapping[str, str], name: str) -> str:
    return next((part for part in parts.values() if part.endswith(name)), "")


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


def _cells(row: Element) -> Iterator[tuple[int, Element]]:
    """(column from 1, cell): by the cell's own name, such as AB12, or next to the one before."""
    at = 0
    for c in row:
        if local(c) == "c":
            at = _column(c.get("r", "")) or at + 1
            yield at, c


def _column(name: str) -> int:
    """
    >>> _column("A1"), _column("AB12"), _column("")
    (1, 28, 0)
    """
    at = 0
    for letter in name:
        if not "A" <= letter <= "Z":
            break
        at = at * 26 + ord(letter) - 64
    return at


def _hidden_columns(column: Element) -> set[int]:
    first, last = column.get("min", "0"), column.get("max", "0")
    if (column.get("hidden") in _YES or column.get("width") == "0") and first.isdigit() and last.isdigit():
        return set(range(int(first), min(int(last), 16_384) + 1))
    return set()


def _text(cell: Element, strings: Sequence[str]) -> str:
    """A cell's value; a formula that was never computed stands for itself."""
    if cell.get("t") == "inlineStr":
        inline = child(cell, "is")
        return "".join(_texts(inline)) if inline is not None else ""
    value = child(cell, "v")
    text = (value.text or "") if value is not None else ""
    if cell.get("t") == "s":
        return strings[int(text)] if text.isdigit() and int(text) < len(strings) else ""
    formula = child(cell, "f") if not text else None
    return f"={formula.text}" if formula is not None and formula.text else text


def _looks(styles: Element | None, colours: Palette) -> list[str]:
    """Cell format → what hides a cell of it; empty for what is seen."""

    def entries(name: str) -> list[Element]:
        found = child(styles, name)
        return list(found) if found is not None else []

    fonts, fills = entries("fonts"), entries("fills")
    blank = {f.get("numFmtId") for f in entries("numFmts") if f.get("formatCode") == _SHOWS_NOTHING}
    looks = []
    for xf in entries("cellXfs"):
        font, fill = _at(fonts, xf.get("fontId", "0")), _at(fills, xf.get("fillId", "0"))
        size = attribute(child(font, "sz"), "val", "11")
        tiny = size.replace(".", "", 1).isdigit() and float(size) < TINY_POINTS
        pale = unseen(_colour(child(font, "color"), colours), _fill(fill, colours))
        looks.append("vanished" if xf.get("numFmtId") in blank else "tiny" if tiny else "colour" if pale else "")
    return looks


def _at(entries: Sequence[Element], index: str) -> Element | None:
    return entries[int(index)] if index.isdigit() and int(index) < len(entries) else None


def _fill(fill: Element | None, colours: Palette) -> str:
    pattern = child(fill, "patternFill")
    kind = attribute(pattern, "patternType", "none")
    if kind == "none" and child(fill, "gradientFill") is None:
        return PAPER
    return _colour(child(pattern, "fgColor"), colours) if kind == "solid" else UNKNOWN


def _colour(named: Element | None, colours: Palette) -> str:
    rgb, theme, indexed = (attribute(named, name) for name in ("rgb", "theme", "indexed"))
    if rgb:
        return rgb[-6:]
    if theme.isdigit() and int(theme) < len(_THEME):
        return _tinted(colours.colours.get(_THEME[int(theme)], UNKNOWN), attribute(named, "tint"))
    if indexed.isdigit():
        return _BASIC[int(indexed) % 8] if int(indexed) < 16 else _SYSTEM.get(indexed, UNKNOWN)
    return UNKNOWN


def _tinted(colour: str, tint: str) -> str:
    """A colour of the theme made lighter (to 1) or darker (to -1)."""
    try:
        share = max(-1.0, min(1.0, float(tint or 0)))
    except ValueError:
        return UNKNOWN
    parts = channels(colour)
    if parts is None:
        return UNKNOWN
    return "".join(f"{round(x + (255 - x) * share if share > 0 else x * (1 + share)):02X}" for x in parts)
