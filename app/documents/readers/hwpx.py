"""HWPX: the sections in the order of the package, each paragraph once. A paragraph in a table or a text box is read where it
stands in its cell, not as part of the paragraph that holds the table."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import BinaryIO

from app.documents.readers.colour import TINY_POINTS, dark, white
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
    """What a paragraph stands on; `unseen`: in a comment that is not shown."""

    dark: bool = False
    unseen: bool = False

    def laid(self, colour: str) -> _Ground:
        return replace(self, dark=dark(colour)) if dark(colour) or white(colour) else self

    def hides(self, look: Character) -> bool:
        return self.unseen or look.points < TINY_POINTS or (white(look.colour) and not (self.dark or dark(look.shade)))


class _Hangul:
    def __init__(self, characters: dict[str, Character], fills: dict[str, str]) -> None:
        self.flow = Flow("part")
        self._characters, self._fills = characters, fills
        self._deleted = False  # between the marks of a tracked deletion, over runs

    def section(self, root: Element) -> None:
        for p in root:
            if local(p) == "p":
                if p.get("pageBreak") == "1" and not self.flow.fresh:
                    self.flow.turn()
                self._paragraph(p, _Ground())

    def _paragraph(self, p: Element, ground: _Ground) -> None:
        """Its own words first, then what hangs in it: tables, boxes, notes, each with paragraphs of its own."""
        objects: list[Element] = []
        for run in (r for r in p if local(r) == "run"):
            hidden = ground.hides(self._characters.get(run.get("charPrIDRef", ""), Character()))
            for c in run:
                if local(c) == "t":
                    self._words(c, hidden)
                elif local(c) not in _LEFT_OUT:
                    objects.append(c)
        self.flow.end_line()
        for thing in objects:
            self._object(thing, ground)

    def _words(self, t: Element, hidden: bool) -> None:
        self._say(t.text, hidden)
        for c in t:
            name = local(c)
            if name in ("deleteBegin", "deleteEnd"):
                self._deleted = name == "deleteBegin"
            self._say(_SIGNS.get(name), hidden)
            self._say(c.tail, hidden)

    def _say(self, text: str | None, hidden: bool) -> None:
        if text and not self._deleted:
            self.flow.say(text, hidden)

    def _object(self, element: Element, ground: _Ground) -> None:
        name = local(element)
        if name in _LEFT_OUT:
            return
        if name == "p":
            self._paragraph(element, ground)
            return
        if name == "script":  # of an equation
            self.flow.say(element.text or "", ground.unseen)
            self.flow.end_line()
            return
        if name in _DRAWN:
            self.flow.draw()
        if name in _SHAPES:
            ground = ground.laid(attribute(child(element, "fillBrush", "winBrush"), "faceColor"))
        elif name in ("tbl", "tc"):
            ground = ground.laid(self._fills.get(element.get("borderFillIDRef", ""), ""))
        elif name == "hiddenComment":
            ground = replace(ground, unseen=True)
        for c in element:
            self._object(c, ground)


def read(stream: BinaryIO) -> Document:
    package = Package(stream)
    header = package.maybe(HEADER)
    hangul = _Hangul(_characters(header), _fills(header))
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


def _fills(header: Element | None) -> dict[str, str]:
    """Border fill id → the colour it lays."""
    fills = (e for e in header.iter() if local(e) == "borderFill") if header is not None else ()
    return {e.get("id", ""): attribute(child(e, "fillBrush", "winBrush"), "faceColor") for e in fills}
