"""Word documents: body in order with its tables and text boxes, headers before it, notes and footers after it. A page break or a
new section begins a part; where the pages of a printout end, only Word knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import BinaryIO

from app.documents.readers.colour import TINY_POINTS, dark, white
from app.documents.readers.flow import Document, Flow
from app.documents.readers.xml import Element, Package, attribute, child, local

_LEFT_OUT = {"del", "moveFrom", "delText", "instrText", "Fallback", "rPr", "pPr", "tblPr", "trPr", "tcPr", "sectPr"}
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_DRAWN = {"drawing", "pict", "object"}
_OFF = {"0", "false", "off", "none"}


@dataclass(frozen=True)
class Look:
    """How a run shows: what its styles and its own properties say, the later over the earlier."""

    vanished: bool = False
    colour: str = ""
    points: float | None = None
    on_dark: bool = False

    @property
    def hidden(self) -> bool:
        tiny = self.points is not None and self.points < TINY_POINTS
        return self.vanished or tiny or (white(self.colour) and not self.on_dark)

    def under(self, properties: Element | None) -> Look:
        """With the properties of a run or of a style laid over it."""
        look = self
        for p in properties if properties is not None else ():
            name, value = local(p), attribute(p, "val")
            if name in ("vanish", "specVanish"):
                look = replace(look, vanished=value not in _OFF)
            elif name == "color":
                look = replace(look, colour=value)
            elif name == "sz" and value.replace(".", "", 1).isdigit():
                look = replace(look, points=float(value) / 2)
            elif name == "highlight" and value not in ("none", "white"):
                look = replace(look, on_dark=True)
            elif name == "shd":
                look = look.on(attribute(p, "fill"))
        return look

    def on(self, ground: str) -> Look:
        """Standing on a ground of this colour; a pale one takes away what was dark around it."""
        return replace(self, on_dark=dark(ground)) if dark(ground) or white(ground) else self


@dataclass(frozen=True)
class _Style:
    """The run properties of a style, what it is based on first; `dark`: it lays a dark ground somewhere."""

    runs: tuple[Element, ...] = ()
    dark: bool = False


class _Word:
    def __init__(self, package: Package, main: str) -> None:
        self.flow = Flow("part")
        self._styles = _styles(package, package.targets(main).values())

    def visit(self, element: Element, look: Look) -> None:
        for c in element:
            name = local(c)
            if name in _LEFT_OUT:
                continue
            if name == "p":
                self._paragraph(c, look)
            elif name == "r":
                self._run(c, look)
            elif name == "tbl":
                self.visit(c, self._table(c, look))
            elif name == "tc":
                self.visit(c, look.on(attribute(child(c, "tcPr", "shd"), "fill")))
            elif name in ("wsp", "sp"):
                self.visit(c, _shape(c, look))
            elif name in ("shape", "rect", "roundrect", "oval"):
                self.visit(c, look.on(_long(attribute(c, "fillcolor"))))
            else:
                self.visit(c, look)

    def _paragraph(self, p: Element, look: Look) -> None:
        own = child(p, "pPr")
        if own is not None:
            before = child(own, "pageBreakBefore")
            if before is not None and attribute(before, "val") not in _OFF and not self.flow.fresh:
                self.flow.turn()
            look = self._styled(look, child(own, "pStyle")).on(attribute(child(own, "shd"), "fill"))
        self.visit(p, look)
        self.flow.end_line()
        section = child(own, "sectPr")
        if section is not None and attribute(child(section, "type"), "val", "nextPage") != "continuous":
            self.flow.turn()

    def _run(self, r: Element, look: Look) -> None:
        own = child(r, "rPr")
        look = self._styled(look, child(own, "rStyle")).under(own)
        for c in r:
            name = local(c)
            if name == "t":
                self.flow.say(c.text or "", look.hidden)
            elif name in _SIGNS:
                self.flow.say(_SIGNS[name], look.hidden)
            elif name == "br":
                self._break(attribute(c, "type"), look)
            elif name == "lastRenderedPageBreak":
                if not self.flow.fresh:
                    self.flow.turn()
            elif name in _DRAWN or name == "AlternateContent":
                self.flow.draw()
                self.visit(c, look)
            elif name not in _LEFT_OUT:
                self.visit(c, look)

    def _break(self, kind: str, look: Look) -> None:
        if kind == "page":
            self.flow.turn()
        else:
            self.flow.say("\n", look.hidden)

    def _table(self, table: Element, look: Look) -> Look:
        """A table's style may lay dark bands under white headings; which cells, only Word works out: they count as dark."""
        own = child(table, "tblPr")
        style = self._styles.get(attribute(child(own, "tblStyle"), "val"), _Style())
        look = look.on(attribute(child(own, "shd"), "fill"))
        return replace(look, on_dark=True) if style.dark else look

    def _styled(self, look: Look, named: Element | None) -> Look:
        for properties in self._styles.get(attribute(named, "val"), _Style()).runs:
            look = look.under(properties)
        return look


def read(stream: BinaryIO) -> Document:
    package = Package(stream)
    main = package.main("word/document.xml")
    word = _Word(package, main)
    around = sorted(set(package.targets(main).values()))
    for part in (part for part in around if part.rpartition("/")[2].startswith("header")):
        word.visit(package.tree(part), Look())
    body = package.tree(main)
    word.visit(body, Look().on(attribute(child(body, "background"), "color")))
    for part in (part for part in around if part.rpartition("/")[2].startswith(("footnotes", "endnotes", "footer"))):
        word.visit(package.tree(part), Look())
    return word.flow.done()


def _styles(package: Package, parts: Iterable[str]) -> dict[str, _Style]:
    """Every style with those it is based on; a loop of them ends where it began."""
    root = package.maybe(next((part for part in parts if part.endswith("styles.xml")), ""))
    own = {attribute(s, "styleId"): s for s in (root if root is not None else ()) if local(s) == "style"}
    found = {}
    for key in own:
        chain: list[Element] = []
        at = key
        while at in own and own[at] not in chain:
            chain.append(own[at])
            at = attribute(child(own[at], "basedOn"), "val")
        runs = tuple(r for r in (child(style, "rPr") for style in reversed(chain)) if r is not None)
        fills = (attribute(e, "fill") for style in chain for e in style.iter() if local(e) == "shd")
        found[key] = _Style(runs, any(dark(fill) for fill in fills))
    return found


def _shape(shape: Element, look: Look) -> Look:
    """A shape's own fill; a shape that names none has that of its theme, which is dark unless it says there is no fill."""
    own = child(shape, "spPr")
    if child(own, "noFill") is not None:
        return look
    fill = child(own, "solidFill")
    if fill is not None:
        named = attribute(child(fill, "srgbClr"), "val")
        return look.on(named) if named else replace(look, on_dark=True)
    return replace(look, on_dark=True) if child(shape, "style", "fillRef") is not None else look


def _long(colour: str) -> str:
    """`#abc` as `aabbcc`; a name stays a name."""
    bare = colour.partition(" ")[0].lstrip("#")
    return "".join(2 * c for c in bare) if len(bare) == 3 else bare
