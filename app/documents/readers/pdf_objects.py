"""What a page of a PDF is made of, in the order it is painted: which pieces of text something painted later, a clip, a layer or a
ground of their own colour may hide. Whether it does, only the drawn page tells."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from app.documents.readers.colour import NEAR

Box = tuple[float, float, float, float]  # left, bottom, right, top in points
_DEEPEST = 4  # forms within forms
_MOST_PAIRS = 200_000  # of texts and what may cover them; a page of more is drawn without asking which
_LAYER = "OC"  # the mark of optional content
_SMALLEST = 4.0  # square points of something that may cover a letter


@dataclass(frozen=True)
class _Laid:
    """Something painted: its place in the order, its frame, and its colour where it has one."""

    at: int
    box: Box
    colour: tuple[int, int, int] | None = None


class Objects:
    def __init__(self, page: pdfium.PdfPage) -> None:
        self.pictures = self.drawings = False
        self.doubted: set[int] = set()
        self._things: dict[int, raw.FPDF_PAGEOBJECT] = {}
        self._at: dict[int, int] = {}
        self._hiding: set[int] = set()  # texts that lie in a form, on a layer, or reach out of their clip
        self._laid: list[_Laid] = []
        self._covered: dict[int, bool] = {}
        for at in range(raw.FPDFPage_CountObjects(page)):
            self._take(raw.FPDFPage_GetObject(page, at), at, 0)
        self._crowded = len(self._laid) * len(self._things) > _MOST_PAIRS

    def may_hide(self, key: int, box: Box) -> str:
        """`covered` where this piece of text may be so at this place; for a piece, the answer is asked for once."""
        if key not in self._covered:
            at, frame = self._at.get(key, 0), _bounds(self._things.get(key)) or box
            later = self._crowded or any(laid.at > at and _meet(laid.box, frame) for laid in self._laid)
            self._covered[key] = later or key in self._hiding
        return "covered" if self._covered[key] else ""

    def stands_on(self, thing: raw.FPDF_PAGEOBJECT, ink: tuple[int, int, int]) -> bool:
        """Something of the very colour of this text was painted where it stands."""
        at, frame = self._at.get(key_of(thing), 0), _bounds(thing)
        alike = (laid for laid in self._laid if laid.colour and _near(laid.colour, ink) and laid.at < at)
        return frame is not None and any(_meet(laid.box, frame) for laid in alike)

    def take_out_doubted(self) -> None:
        """Draw the page without them from now on."""
        for key in self.doubted & self._things.keys():
            raw.FPDFPageObj_SetIsActive(self._things[key], False)

    def _take(self, thing: raw.FPDF_PAGEOBJECT, at: int, depth: int) -> None:
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            key = key_of(thing)
            self._things[key], self._at[key] = thing, at
            if depth or _on_a_layer(thing) or _is_cut(thing):
                self._hiding.add(key)
            return
        if kind == raw.FPDF_PAGEOBJ_FORM:
            for n in range(raw.FPDFFormObj_CountObjects(thing) if depth < _DEEPEST else 0):
                self._take(raw.FPDFFormObj_GetObject(thing, n), at, depth + 1)
        self.pictures |= kind == raw.FPDF_PAGEOBJ_IMAGE
        self.drawings |= kind in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)
        box = _bounds(thing)
        paints = kind != raw.FPDF_PAGEOBJ_PATH or _filled(thing)
        if depth == 0 and paints and box and (box[2] - box[0]) * (box[3] - box[1]) >= _SMALLEST:
            self._laid.append(_Laid(at, box, _colour(thing) if kind == raw.FPDF_PAGEOBJ_PATH else None))


def key_of(thing: raw.FPDF_PAGEOBJECT) -> int:
    """The same for the same object, however it was come by."""
    return ctypes.cast(thing, ctypes.c_void_p).value or 0


def _bounds(thing: raw.FPDF_PAGEOBJECT | None) -> Box | None:
    left, low, right, high = (ctypes.c_float() for _ in range(4))
    if thing is None or not raw.FPDFPageObj_GetBounds(thing, left, low, right, high):
        return None
    return left.value, low.value, right.value, high.value


def _filled(path: raw.FPDF_PAGEOBJECT) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(raw.FPDFPath_GetDrawMode(path, mode, stroke)) and mode.value != raw.FPDF_FILLMODE_NONE


def _colour(path: raw.FPDF_PAGEOBJECT) -> tuple[int, int, int] | None:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    found = raw.FPDFPageObj_GetFillColor(path, red, green, blue, alpha)
    return (red.value, green.value, blue.value) if found else None


def _on_a_layer(thing: raw.FPDF_PAGEOBJECT) -> bool:
    for n in range(max(0, raw.FPDFPageObj_CountMarks(thing))):
        name, length = ctypes.create_string_buffer(16), ctypes.c_ulong()
        mark = raw.FPDFPageObj_GetMark(thing, n)
        buffer = ctypes.cast(name, ctypes.POINTER(raw.FPDF_WCHAR))
        if raw.FPDFPageObjMark_GetName(mark, buffer, len(name), length) and length.value <= len(name):
            if name.raw[: length.value].decode("utf-16-le").rstrip("\0") == _LAYER:
                return True
    return False


def _is_cut(thing: raw.FPDF_PAGEOBJECT) -> bool:
    """It reaches out of the frame of what it is clipped to."""
    clip, mine = raw.FPDFPageObj_GetClipPath(thing), _bounds(thing)
    for n in range(max(0, raw.FPDFClipPath_CountPaths(clip)) if clip and mine else 0):
        xs, ys = [], []
        for at in range(max(0, raw.FPDFClipPath_CountPathSegments(clip, n))):
            x, y = ctypes.c_float(), ctypes.c_float()
            if raw.FPDFPathSegment_GetPoint(raw.FPDFClipPath_GetPathSegment(clip, n, at), x, y):
                xs.append(x.value)
                ys.append(y.value)
        if mine and not (xs and _within(mine, (min(xs), min(ys), max(xs), max(ys)))):
            return True
    return False


def _near(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < NEAR


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(a: Box, b: Box) -> bool:
    return a[0] >= b[0] - 1 and a[1] >= b[1] - 1 and a[2] <= b[2] + 1 and a[3] <= b[3] + 1
