"""HWPX: the sections in the order of the package, each paragraph once. A paragraph in a table or a text box is read where it
stands in its cell, not as part of the paragraph that holds the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from app.documents.readers.colour import PAPER, TINY_POINTS, UNKNOWN, channels, unseen
from app.documents.readers.flow import Document, Flow
from app.documents.readers.xml import Element, Package, attribute, child, local
from app.errors import Invalid

HEADER = "Contents/header.xml"
_SIGNS = {"tab": "\t", "lineBreak": "\n", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"}
_SHAPES = {"rect", "ellipse", "polygon", "curve", "arc", "line", "connectLine", "container"}
_DRAWN = _SHAPES | {"pic", "ole", "chart", "video", "textart"}
_LEFT_OUT = {"secPr", "linesegarray", "shapeComment", "fieldBegin", "fieldEnd", "parameters"}


@dataclass(frozen=True)
class Character:
    """One of the document's character shapes."""

    colour: str = ""
    points: float = 10.0
    shade: str = ""


@dataclass(frozen=True)
class _Ground:
    """What a paragraph stands on; `comment`: in one that is not shown."""

    colour: str = PAPER
    comment: bool = False

    def laid(self, fill: str | None) -> _Ground:
        """With a fill laid over it: a colour, `UNKNOWN` for a picture or a run of colours, None for nothing."""
        return self if fill is None else replace(self, colour=fill)

    def hides(self, look: Character) -> str:
        """What hides text that looks like this here; empty when it is seen."""
        if self.comment:
            return "comment"
        if look.points < TINY_POINTS:
            return "tiny"
        return "colour" if unseen(look.colour, look.shade if channels(look.shade) else self.colour) else ""


class _Hangul:
    def __init__(self, header: Element | None) -> None:
        self.flow = Flow("part")
        self._characters, self._fills = _characters(header), _fills(header)
        self._shades = _shades(header, self._fills)
        self._deleted = False  # between the marks of a tracked deletion, over runs

    def section(self, root: Element) -> None:
        page = next((e for e in root.iter() if local(e) == "pageBorderFill"), None)
        ground = _Ground().laid(self._fills.get(attribute(page, "borderFillIDRef")))
        for p in root:
            if local(p) == "p":
                if p.get("pageBreak") == "1" and not self.flow.fresh:
                    self.flow.turn()
                self._paragraph(p, ground)

    def _paragraph(self, p: Element, ground: _Ground) -> None:
        """Its own words first, then what hangs in it: tables, boxes, notes, each with paragraphs of its own."""
        objects: list[Element] = []
        around, ground = ground, ground.laid(self._shades.get(p.get("paraPrIDRef", "")))
        for run in (r for r in p if local(r) == "run"):
            why = ground.hides(self._characters.get(run.get("charPrIDRef", ""), Character()))
            for c in run:
                if local(c) == "t":
                    self._words(c, why)
                elif local(c) not in _LEFT_OUT:
                    objects.append(c)
        self.flow.end_line()
        for thing in objects:
            self._object(thing, around)

    def _words(self, t: Element, why: str) -> None:
        self._say(t.text, why)
        for c in t:
            name = local(c)
            if name in ("deleteBegin", "deleteEnd"):
                self._deleted = name == "deleteBegin"
            self._say(_SIGNS.get(name), why)
            self._say(c.tail, why)

    def _say(self, text: str | None, why: str) -> None:
        if text and not self._deleted:
            self.flow.say(text, why)

    def _object(self, element: Element, ground: _Ground) -> None:
        name = local(element)
        if name in _LEFT_OUT:
            return
        if name == "p":
            self._paragraph(element, ground)
            return
        if name == "script":  # of an equation
            self.flow.say(element.text or "", "comment" if ground.comment else "")
            self.flow.end_line()
            return
        if name in _DRAWN:
            self.flow.draw()
        if name in _SHAPES:
            ground = ground.laid(_fill(element))
        elif name in ("tbl", "tc"):
            ground = ground.laid(self._fills.get(element.get("borderFillIDRef", "")))
        elif name == "hiddenComment":
            ground = replace(ground, comment=True)
        for c in element:
            self._object(c, ground)


def read(stream: BinaryIO) -> Document:
    package = Package(stream)
    header = package.maybe(HEADER)
    hangul = _Hangul(header)
    sections = _sections(package)
    if not sections:
        raise Invalid("file.broken_zip")
    for n, name in enumerate(sections):
        if n:
            hangul.flow.turn()
        hangul.section(package.tree(name))
    return hangul.flow.done()


def _sections(package: Package) -> list[str]:
    """By the spine of the package; a spine that names none leaves the order of their numbers."""
    there = [name for name in package.names if re.fullmatch(r"Contents/section\d+\.xml", name)]
    content = package.maybe("Contents/content.hpf")
    items = {e.get("id", ""): e.get("href", "") for e in content.iter() if local(e) == "item"} if content is not None else {}
    spine = [items.get(e.get("idref", ""), "") for e in content.iter() if local(e) == "itemref"] if content is not None else []
    named = [name for href in spine for name in (href, f"Contents/{href}") if name in there]
    return list(dict.fromkeys(named)) + sorted(set(there) - set(named), key=lambda name: int(re.findall(r"\d+", name)[0]))


def _characters(header: Element | None) -> dict[str, Character]:
    found = {}
    for e in header.iter() if header is not None else ():
        if local(e) == "charPr":
            height = e.get("height", "1000")
            points = int(height) / 100 if height.isdigit() else 10.0
            found[e.get("id", "")] = Character(e.get("textColor", ""), points, e.get("shadeColor", ""))
    return found


def _fills(header: Element | None) -> dict[str, str | None]:
    """Border fill id → what it lays."""
    return {e.get("id", ""): _fill(e) for e in (header.iter() if header is not None else ()) if local(e) == "borderFill"}


def _shades(header: Element | None, fills: Mapping[str, str | None]) -> dict[str, str | None]:
    """Paragraph shape id → what it lays under its lines."""
    shapes = (e for e in header.iter() if local(e) == "paraPr") if header is not None else ()
    borders = ((e.get("id", ""), attribute(b, "borderFillIDRef")) for e in shapes for b in e.iter() if local(b) == "border")
    return {own: fills.get(border) for own, border in borders}


def _fill(element: Element) -> str | None:
    """The colour laid by an element's brush; `UNKNOWN` where it is a picture or a run of colours, None where it lays nothing."""
    brush = child(element, "fillBrush")
    if brush is None or not len(brush):
        return None
    plain = child(brush, "winBrush")
    if plain is None:
        return UNKNOWN
    face = attribute(plain, "faceColor")
    return face if channels(face) else None
