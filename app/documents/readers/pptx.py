"""Presentations: one page a slide in the order shown; text off the slide, tiny text, text in the colour of what it stands on and
slides that are not shown count as hidden. Speaker notes are no part of what is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from app.documents.readers.colour import UNKNOWN
from app.documents.readers.drawing import Ground, Palette, filled, palette
from app.documents.readers.flow import Document, Flow
from app.documents.readers.xml import Element, Package, attribute, child, local

MAIN = "ppt/presentation.xml"
_DRAWN = {"pic", "chart", "graphicFrame", "oleObj", "cxnSp"}
_FRAMES = ("sp", "graphicFrame", "pic", "grpSp", "cxnSp")
_NOT_SHOWN = ("0", "false")


def read(stream: BinaryIO) -> Document:
    package = Package(stream)
    main = package.main(MAIN)
    presentation, parts = package.tree(main), package.targets(main)
    size = child(presentation, "sldSz")
    width, height = int(attribute(size, "cx", "12192000")), int(attribute(size, "cy", "6858000"))
    show = _Show(package, width, height)
    listed = child(presentation, "sldIdLst")
    for n, entry in enumerate(listed if listed is not None else ()):
        if n:
            show.flow.turn()
        show.slide(parts.get(next((value for key, value in entry.items() if key.endswith("}id")), ""), ""))
    return show.flow.done()


class _Show:
    def __init__(self, package: Package, width: int, height: int) -> None:
        self.flow = Flow("slide")
        self._package, self._width, self._height = package, width, height
        self._below: list[Element] = []  # what layout and master paint under this slide

    def slide(self, name: str) -> None:
        root, parts = self._package.tree(name), self._package.targets(name)
        ground = self._ground(root, parts)
        if root.get("show") in _NOT_SHOWN:
            ground = replace(ground, why="slide")
        self._visit(root, ground)
        for diagram in (target for target in parts.values() if target.startswith("ppt/diagrams/data")):
            self._visit(self._package.tree(diagram), replace(ground, colour=UNKNOWN))

    def _ground(self, slide: Element, parts: dict[str, str]) -> Ground:
        """The background of a slide: its own, else of its layout, else of its master."""
        layout = next((part for part in parts.values() if part.startswith("ppt/slideLayouts/")), "")
        master = next((part for part in self._package.targets(layout).values() if "/slideMasters/" in part), "") if layout else ""
        theme = next((part for part in self._package.targets(master).values() if "/theme/" in part), "") if master else ""
        above = [slide, self._package.maybe(layout), self._package.maybe(master)]
        trees = [tree for tree in (child(root, "cSld", "spTree") for root in above[1:]) if tree is not None]
        self._below = [frame for tree in trees for frame in tree if local(frame) in _FRAMES and _paints(frame)]
        colours = palette(self._package, theme, child(above[2], "clrMap"))
        laid = next((found for found in (child(root, "cSld", "bg") for root in above) if found is not None), None)
        return _laid(Ground(colours), laid, colours)

    def _visit(self, element: Element, ground: Ground, *, grouped: bool = False) -> None:
        for c in element:
            name = local(c)
            if name == "Fallback":
                continue
            if name in _DRAWN:
                self.flow.draw()
            if name == "p":
                self._paragraph(c, ground)
            elif name in _FRAMES:
                self._visit(c, self._framed(c, ground, grouped), grouped=grouped or name == "grpSp")
            elif name == "tc":
                self._visit(c, ground.under(child(c, "tcPr")))
            elif name == "tbl" and _styled(c):
                self._visit(c, replace(ground, colour=UNKNOWN))
            else:
                self._visit(c, ground, grouped=grouped)

    def _paragraph(self, p: Element, ground: Ground) -> None:
        for r in p:
            if local(r) == "br":
                self.flow.say("\n", ground.why)
            elif local(r) in ("r", "fld"):
                words = child(r, "t")
                self.flow.say((words.text or "") if words is not None else "", ground.hides(child(r, "rPr")))
        self.flow.end_line()

    def _framed(self, frame: Element, ground: Ground, grouped: bool) -> Ground:
        """Within a shape: its own fill; all of it hidden where it is switched off or lies beside the slide, which of the parts of
        a group only the group tells."""
        own = next((attribute(child(c, "cNvPr"), "hidden") for c in frame if local(c).startswith("nv")), "")
        if not ground.why and own in ("1", "true"):
            ground = replace(ground, why="vanished")
        if not ground.why and not grouped and self._is_off(frame):
            ground = replace(ground, why="beside")
        before = [other for other in frame.itersiblings(preceding=True) if local(other) in _FRAMES and _paints(other)]
        if _lies_on(frame, before if grouped else [*before, *self._below]):
            ground = replace(ground, colour=UNKNOWN)
        return ground.under(child(frame, "grpSpPr" if local(frame) == "grpSp" else "spPr"), child(frame, "style"))

    def _is_off(self, shape: Element) -> bool:
        """The whole frame lies beside the slide."""
        found = _frame(shape)
        if found is None:
            return False
        x, y, w, h = found
        return x + w <= 0 or y + h <= 0 or x >= self._width or y >= self._height


def _laid(ground: Ground, background: Element | None, colours: Palette) -> Ground:
    """With the background of a slide; one by reference paints plain for 1001 and with a fill of the theme for any other."""
    if background is None or child(background, "bgPr") is not None:
        return ground.under(child(background, "bgPr"))
    named = child(background, "bgRef")
    return replace(ground, colour=colours.colour(named) if attribute(named, "idx") == "1001" else UNKNOWN)


def _styled(table: Element) -> bool:
    """A table's style may lay dark rows under white headings; which cells, only PowerPoint works out."""
    return child(table, "tblPr", "tableStyleId") is not None


def _lies_on(frame: Element, others: Sequence[Element]) -> bool:
    """Something was painted under this frame, at least in part: what ground that gives is not worked out."""
    mine, unders = _frame(frame), [_frame(other) for other in others]
    return any(mine is None or under is None or _meet(mine, under) for under in unders)


def _paints(frame: Element) -> bool:
    return local(frame) != "sp" or filled(child(frame, "spPr"), child(frame, "style"))


def _frame(shape: Element) -> tuple[int, int, int, int] | None:
    own = {"graphicFrame": ("xfrm",), "grpSp": ("grpSpPr", "xfrm")}.get(local(shape), ("spPr", "xfrm"))
    at = child(shape, *own)
    off, size = child(at, "off"), child(at, "ext")
    if off is None or size is None:
        return None
    x, y, w, h = (_emu(attribute(e, key)) for e, key in ((off, "x"), (off, "y"), (size, "cx"), (size, "cy")))
    return x, y, w, h


def _emu(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else 0


def _meet(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
