"""Word documents: body in order with its tables and text boxes, headers before it, notes and footers after it. A page break or a
new section begins a part; where the pages of a printout end, only Word knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import BinaryIO

from app.documents.readers.colour import PALE_FROM, PAPER, TINY_POINTS, UNKNOWN, channels, unseen
from app.documents.readers.flow import Document, Flow
from app.documents.readers.xml import Element, Package, attribute, child, local

_LEFT_OUT = {"del", "moveFrom", "delText", "instrText", "Fallback", "rPr", "pPr", "tblPr", "trPr", "tcPr", "sectPr"}
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_DRAWN = {"drawing", "pict", "object"}
_OFF = {"0", "false", "off", "none"}
_PLAIN = ""  # the style of a paragraph that names none
_MARKERS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF", "red": "FF0000",
    "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "00008B", "darkCyan": "008B8B", "darkGreen": "006400",
    "darkMagenta": "800080", "darkRed": "8B0000", "darkYellow": "808000", "darkGray": "A9A9A9", "lightGray": "D3D3D3",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How a run shows: what its styles and its own properties say, the later over the earlier."""

    vanished: bool = False
    colour: str = ""
    points: float | None = None
    ground: str = PAPER

    @property
    def why(self) -> str:
        """What hides text that looks like this; empty when it is seen."""
        if self.vanished:
            return "vanished"
        if self.points is not None and self.points < TINY_POINTS:
            return "tiny"
        return "colour" if unseen(self.colour, self.ground) else ""

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
            elif name == "highlight":
                look = look.on(_MARKERS.get(value, ""))
            elif name == "shd":
                look = look.on(attribute(p, "fill"))
        return look

    def on(self, ground: str) -> Look:
        """Standing on a ground of this colour; no colour leaves the ground that is there."""
        return replace(self, ground=ground) if channels(ground) else self


@dataclass(frozen=True)
class _Style:
    """The run properties of a style, what it is based on first; `shaded`: it lays a ground somewhere."""

    runs: tuple[Element, ...] = ()
    shaded: bool = False


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
        before = child(own, "pageBreakBefore")
        if before is not None and attribute(before, "val") not in _OFF and not self.flow.fresh:
            self.flow.turn()
        look = self._styled(look, attribute(child(own, "pStyle"), "val", _PLAIN)).on(attribute(child(own, "shd"), "fill"))
        self.visit(p, look)
        self.flow.end_line()
        section = child(own, "sectPr")
        if section is not None and attribute(child(section, "type"), "val", "nextPage") != "continuous":
            self.flow.turn()

    def _run(self, r: Element, look: Look) -> None:
        own = child(r, "rPr")
        look = self._styled(look, attribute(child(own, "rStyle"), "val")).under(own)
        for c in r:
            name = local(c)
            if name == "t":
                self.flow.say(c.text or "", look.why)
            elif name in _SIGNS:
                self.flow.say(_SIGNS[name], look.why)
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
            self.flow.say("\n", look.why)

    def _table(self, table: Element, look: Look) -> Look:
        """A table's style may lay dark bands under white headings; which cells, only Word works out."""
        own = child(table, "tblPr")
        style = self._styles.get(attribute(child(own, "tblStyle"), "val"), _Style())
        look = look.on(attribute(child(own, "shd"), "fill"))
        return replace(look, ground=UNKNOWN) if style.shaded else look

    def _styled(self, look: Look, named: str) -> Look:
        for properties in self._styles.get(named, _Style()).runs:
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
    """Every style with those it is based on, and the one of paragraphs that name none; a loop of them ends where it began."""
    root = package.maybe(next((part for part in parts if part.endswith("styles.xml")), ""))
    own = {attribute(s, "styleId"): s for s in (root if root is not None else ()) if local(s) == "style"}
    everywhere = child(root, "docDefaults", "rPrDefault", "rPr")
    found = {_PLAIN: _Style(() if everywhere is None else (everywhere,))}
    for key in own:
        chain: list[Element] = []
        at = key
        while at in own and own[at] not in chain:
            chain.append(own[at])
            at = attribute(child(own[at], "basedOn"), "val")
        below = [everywhere] if attribute(own[key], "type") == "paragraph" else []
        runs = tuple(r for r in (*below, *(child(style, "rPr") for style in reversed(chain))) if r is not None)
        fills = (attribute(e, "fill") for style in chain for e in style.iter() if local(e) == "shd")
        found[key] = _Style(runs, any(min(channels(fill) or (255,)) < PALE_FROM for fill in fills))
        if attribute(own[key], "type") == "paragraph" and attribute(own[key], "default") in ("1", "true", "on"):
            found[_PLAIN] = found[key]
    return found


def _shape(shape: Element, look: Look) -> Look:
    """A shape's own fill; a shape that names none has that of its theme unless it says there is no fill."""
    own = child(shape, "spPr")
    if child(own, "noFill") is not None:
        return look
    fill = child(own, "solidFill")
    if fill is not None:
        named = attribute(child(fill, "srgbClr"), "val")
        return look.on(named) if named else replace(look, ground=UNKNOWN)
    filled = any(child(own, name) is not None for name in ("gradFill", "blipFill", "pattFill"))
    return replace(look, ground=UNKNOWN) if filled or child(shape, "style", "fillRef") is not None else look


def _long(colour: str) -> str:
    """`#abc` as `aabbcc`; a name stays a name."""
    bare = colour.partition(" ")[0].lstrip("#")
    return "".join(2 * c for c in bare) if len(bare) == 3 else bare
