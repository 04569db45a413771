"""Colours of drawings in Office files: what a run of text and a shape are painted with, by the theme where it names its colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.documents.readers.colour import PAPER, TINY_POINTS, UNKNOWN, channels, unseen
from app.documents.readers.xml import Element, Package, attribute, child, local

_NAMED = {"white": "FFFFFF", "black": "000000", "red": "FF0000", "green": "008000", "blue": "0000FF", "yellow": "FFFF00"}
_PLAIN_MAP = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
_PAINTS = ("solidFill", "gradFill", "blipFill", "pattFill", "grpFill")
_FULL = 100_000  # Office writes shares in thousandths of a percent


@dataclass(frozen=True)
class Palette:
    """The colours of a theme, and which of them a master calls background and text."""

    colours: Mapping[str, str]
    names: Mapping[str, str]

    def colour(self, paint: Element | None) -> str:
        """`RRGGBB` of a paint such as `solidFill`; `UNKNOWN` where it cannot be told, as of a colour made lighter by a formula."""
        for c in paint if paint is not None else ():
            if attribute(child(c, "alpha"), "val", str(_FULL)) == "0":
                return UNKNOWN
            found = self._of(local(c), attribute(c, "val"), attribute(c, "lastClr"))
            return self._changed(found, c) if channels(found) else UNKNOWN
        return UNKNOWN

    def _of(self, kind: str, value: str, last: str) -> str:
        if kind == "srgbClr":
            return value
        if kind == "sysClr":
            return last
        if kind == "prstClr":
            return _NAMED.get(value, UNKNOWN)
        return self.colours.get(self.names.get(value, value), UNKNOWN) if kind == "schemeClr" else UNKNOWN

    def _changed(self, colour: str, element: Element) -> str:
        """Lightness scaled and shifted as far as the two common changes go."""
        scale, shift = 1.0, 0.0
        for c in element:
            share = attribute(c, "val", "0")
            if local(c) not in ("lumMod", "lumOff", "alpha") or not share.isdigit():
                return UNKNOWN
            if local(c) == "lumMod":
                scale *= int(share) / _FULL
            elif local(c) == "lumOff":
                shift += int(share) / _FULL
        red, green, blue = (min(255, round(x * scale + 255 * shift)) for x in channels(colour) or (0, 0, 0))
        return f"{red:02X}{green:02X}{blue:02X}"


def palette(package: Package, theme: str, colour_map: Element | None = None) -> Palette:
    """Of a theme part; the map of a master gives background and text their colours."""
    root = package.maybe(theme)
    scheme = child(root, "themeElements", "clrScheme")
    paints = Palette({}, {})
    colours = {local(entry): paints.colour(entry) for entry in (scheme if scheme is not None else ())}
    named = {key: value for key, value in colour_map.items() if ":" not in key} if colour_map is not None else _PLAIN_MAP
    return Palette(colours, named)


@dataclass(frozen=True)
class Ground:
    """What text of a drawing stands on, and what hides all of it, such as a slide that is not shown."""

    palette: Palette
    colour: str = PAPER
    why: str = ""

    def under(self, properties: Element | None, style: Element | None = None) -> Ground:
        """Within a shape or a cell of these properties; a shape that says nothing of its fill has that of its style, if any."""
        if child(properties, "solidFill") is not None:
            return replace(self, colour=self.palette.colour(child(properties, "solidFill")))
        return replace(self, colour=UNKNOWN) if filled(properties, style) else self

    def hides(self, properties: Element | None) -> str:
        """What hides a run of these properties; empty when it is seen."""
        if self.why:
            return self.why
        points = attribute(properties, "sz")
        if points.lstrip("-").isdigit() and int(points) / 100 < TINY_POINTS:
            return "tiny"
        if child(properties, "ln") is None and _invisible(properties):
            return "unpainted"
        marked = child(properties, "highlight")
        ground = self.palette.colour(marked) if marked is not None else self.colour
        return "colour" if unseen(self.palette.colour(child(properties, "solidFill")), ground) else ""


def filled(properties: Element | None, style: Element | None) -> bool:
    """Whether a shape paints its inside."""
    if any(child(properties, name) is not None for name in _PAINTS):
        return True
    return child(properties, "noFill") is None and attribute(child(style, "fillRef"), "idx", "0") != "0"


def _invisible(properties: Element | None) -> bool:
    paint = child(properties, "solidFill")
    clear = any(attribute(child(c, "alpha"), "val", str(_FULL)) == "0" for c in (paint if paint is not None else ()))
    return clear or child(properties, "noFill") is not None
