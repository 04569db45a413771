"""Presentations: one page a slide in the order shown; text off the slide, tiny text and slides that are not shown count as hidden.
Speaker notes are no part of what is submitted."""

from __future__ import annotations

from typing import BinaryIO

from app.documents.readers.colour import TINY_POINTS
from app.documents.readers.flow import Document, Flow
from app.documents.readers.xml import Element, Package, attribute, child, local

MAIN = "ppt/presentation.xml"
_DRAWN = {"pic", "chart", "graphicFrame", "oleObj", "cxnSp"}


def read(stream: BinaryIO) -> Document:
    package = Package(stream)
    main = package.main(MAIN)
    presentation, parts = package.tree(main), package.targets(main)
    size = child(presentation, "sldSz")
    slide = _Slide(int(attribute(size, "cx", "12192000")), int(attribute(size, "cy", "6858000")))
    listed = child(presentation, "sldIdLst")
    for n, entry in enumerate(listed if listed is not None else ()):
        if n:
            slide.flow.turn()
        name = parts.get(next((value for key, value in entry.items() if key.endswith("}id")), ""), "")
        root = package.tree(name)
        slide.visit(root, hidden=root.get("show") in ("0", "false"))
        diagrams = (target for target in package.targets(name).values() if target.startswith("ppt/diagrams/data"))
        for diagram in diagrams:
            slide.visit(package.tree(diagram), hidden=root.get("show") in ("0", "false"))
    return slide.flow.done()


class _Slide:
    def __init__(self, width: int, height: int) -> None:
        self.flow = Flow("slide")
        self._width, self._height = width, height

    def visit(self, element: Element, *, hidden: bool) -> None:
        for c in element:
            name = local(c)
            if name == "Fallback":
                continue
            if name in _DRAWN:
                self.flow.draw()
            if name == "p":
                self._paragraph(c, hidden)
            else:
                self.visit(c, hidden=hidden or (name in ("sp", "graphicFrame") and self._is_off(c)))

    def _paragraph(self, p: Element, hidden: bool) -> None:
        for r in p:
            if local(r) == "br":
                self.flow.say("\n", hidden)
            elif local(r) in ("r", "fld"):
                points = attribute(child(r, "rPr"), "sz")
                tiny = points.isdigit() and int(points) / 100 < TINY_POINTS
                words = child(r, "t")
                self.flow.say((words.text or "") if words is not None else "", hidden or tiny)
        self.flow.end_line()

    def _is_off(self, shape: Element) -> bool:
        """The whole frame lies beside the slide."""
        frame = child(shape, "spPr", "xfrm") if local(shape) == "sp" else child(shape, "xfrm")
        at, size = child(frame, "off"), child(frame, "ext")
        if at is None or size is None:
            return False
        x, y, w, h = (int(attribute(e, key, "0")) for e, key in ((at, "x"), (at, "y"), (size, "cx"), (size, "cy")))
        return x + w <= 0 or y + h <= 0 or x >= self._width or y >= self._height
