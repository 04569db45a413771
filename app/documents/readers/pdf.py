"""PDF: text by page as it is drawn. What nobody can see is told apart: invisible, transparent, tiny, off the page, and what leaves
no mark on the drawn page: text of the colour of its ground, under a picture, cut off, on a layer that is switched off."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from app.documents.readers import pdf_extras
from app.documents.readers.colour import NEAR, TINY_POINTS, WHITE_FROM
from app.documents.readers.flow import MOST_CHARS, MOST_PAGES, WHY, Document, Page, tidy
from app.documents.readers.pdf_objects import Box, Objects, key_of
from app.errors import Invalid

_UNPAINTED = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_LONGEST = 1_200  # pixels of a page's longer side, where it must be drawn to see what shows
READING_SECONDS = 20.0  # by the clock: on a busy machine the first pages of a very long document are better than none
_LOOKING_SECONDS = 14.0  # of processor, then pages that must be drawn stay unchecked and the verdict says so
_GARBLED_FROM = 0.3  # share of characters without a meaning, from which a page's text is of no use
_MEANINGLESS = {"\ufffd", *map(chr, range(1, 9)), *map(chr, range(14, 32))}  # what a font without a character map leaves
_TOUCH = 1.0  # points beside the page in which a character still counts as on it


def open_only(stream: BinaryIO) -> Document:
    """Nothing of it but whether it opens without a password."""
    _opened(stream.read())
    return Document("page")


def read(stream: BinaryIO) -> Document:
    content = stream.read()
    document = _opened(content)
    out = Document("page")
    told: dict[str, list[int]] = {"ocr_layer": [], "garbled": [], "unchecked": []}
    until, began = time.process_time() + _LOOKING_SECONDS, time.monotonic()
    size = 0
    for n in range(len(document)):
        late = n > 0 and time.monotonic() - began > READING_SECONDS
        if late or n >= MOST_PAGES or size > MOST_CHARS:
            out.found.append(("cut", {"pages": n}))
            break
        try:
            page = document[n]
        except pdfium.PdfiumError:
            out.pages.append(Page(drawn=True))  # broken, but something is meant to be there
            continue
        sheet = _Sheet(page, may_look=time.process_time() < until)
        out.pages.append(sheet.read())
        size += len(out.pages[-1].text) + len(out.pages[-1].hidden)
        for code in sheet.found:
            told[code].append(n + 1)
        page.close()
    out.found += [(code, {"pages": pages}) for code, pages in told.items() if pages]
    attached = pdf_extras.attachments(document)
    if attached:
        out.found.append(("left_unread", {"names": attached[:20], "n": len(attached)}))
    if pdf_extras.acts(document, content):
        out.found.append(("scripts", {}))
    return out


def _opened(content: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        raise Invalid("file.encrypted" if locked else "file.broken_pdf") from error


@dataclass
class _Sign:
    """A character; `why`: what hides it; `doubt`: what would hide it, if it leaves no mark on the drawn page."""

    text: str
    why: str = ""
    doubt: str = ""
    box: Box = (0, 0, 0, 0)  # left, bottom, right, top in points


class _Sheet:
    def __init__(self, page: pdfium.PdfPage, *, may_look: bool) -> None:
        self._page, self._may_look = page, may_look
        self._area = page.get_bbox()  # with what the page takes over from those above it
        self._objects = Objects(page)
        self.found: list[str] = []

    def read(self) -> Page:
        signs = list(self._signs())
        typed = pdf_extras.typed(self._page, self._area)
        for entry in typed:  # what somebody typed over the page goes after what is printed on it
            signs += [_Sign("\n"), *(_Sign(c, entry.why, entry.doubt, entry.box) for c in entry.text)]
        self._settle(signs, typed)
        seen, unseen = (tidy("".join(s.text for s in signs if bool(s.why) is hidden)) for hidden in (False, True))
        pictures, drawings = self._objects.pictures, self._objects.drawings
        odd = sum(s.text in _MEANINGLESS or "\ue000" <= s.text <= "\uf8ff" for s in signs)
        if odd > _GARBLED_FROM * max(1, len(signs)):
            self.found.append("garbled")
        why = {s.why for s in signs if s.why and not s.text.isspace()}
        if pictures and unseen and not seen and why <= {"unpainted", "covered"}:
            self.found.append("ocr_layer")
        drawn = pictures or (drawings and (bool(seen) or self._shows()))
        return Page(text=seen, hidden=unseen, drawn=drawn, why=tuple(code for code in WHY if code in why))

    def _signs(self) -> Iterator[_Sign]:
        words = self._page.get_textpage()
        last = _Sign("")
        looks: dict[int, tuple[str, str]] = {}
        for at in range(raw.FPDFText_CountChars(words)):
            code = raw.FPDFText_GetUnicode(words, at)
            if code == 0x02:
                code = 0x2D  # a hyphen at the end of a line
            text = chr(code) if code and not 0xD800 <= code <= 0xDFFF and code <= 0x10FFFF else "\ufffd"
            if raw.FPDFText_IsGenerated(words, at) == 1:  # a blank or line end between words: goes where its word went
                yield _Sign(text, last.why)
                continue
            thing = raw.FPDFText_GetTextObject(words, at)
            key = key_of(thing)
            if key not in looks:
                looks[key] = self._look(words, at, thing)
            last = self._sign(words, at, text, *looks[key], key)
            yield last
        words.close()

    def _look(self, words: pdfium.PdfTextPage, at: int, thing: raw.FPDF_PAGEOBJECT) -> tuple[str, str]:
        """What hides, and what may hide, everything that this piece of text says."""
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        raw.FPDFText_GetFillColor(words, at, red, green, blue, alpha)
        if raw.FPDFTextObj_GetTextRenderMode(thing) in _UNPAINTED or alpha.value == 0:
            return "unpainted", ""
        ink = (red.value, green.value, blue.value)
        return "", "colour" if min(ink) >= WHITE_FROM or self._objects.stands_on(thing, ink) else ""

    def _sign(self, words: pdfium.PdfTextPage, at: int, text: str, why: str, doubt: str, key: int) -> _Sign:
        frame = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(words, at, frame)
        left, right = sorted((frame.left, frame.right))
        low, high = sorted((frame.bottom, frame.top))
        box = left, low, right, high
        if why or text.isspace():
            return _Sign(text, why, "", box)
        if 0 < max(right - left, high - low) < TINY_POINTS:
            return _Sign(text, "tiny", "", box)
        if not _meets(box, self._area):
            return _Sign(text, "beside", "", box)
        doubt = self._objects.may_hide(key, box) or doubt
        if doubt:
            self._objects.doubted.add(key)
        return _Sign(text, "", doubt, box)

    def _settle(self, signs: list[_Sign], typed: Sequence[pdf_extras.Typed]) -> None:
        """White on a dark ground is there to be read, and what lies on text may let it through: only the drawn page tells."""
        doubtful = [sign for sign in signs if sign.doubt]
        if not doubtful:
            return
        if not self._may_look:
            self.found.append("unchecked")
            return
        with_them = _Picture(self._page, self._area)
        self._objects.take_out_doubted()
        pdf_extras.take_out(typed)
        without = _Picture(self._page, self._area)
        for sign in doubtful:
            if with_them.same(without, sign.box):
                sign.why = sign.doubt
        for before, sign in pairwise(signs):
            if sign.text.isspace() and not sign.why:
                sign.why = before.why

    def _shows(self) -> bool:
        """Lines without text: a drawing, or white on white."""
        picture = _Picture(self._page, self._area)
        return max(picture.pixels) - min(picture.pixels) > 8


class _Picture:
    """The page as it is drawn."""

    def __init__(self, page: pdfium.PdfPage, area: Box) -> None:
        longest = max(area[2] - area[0], area[3] - area[1], 1.0)
        drawn = page.render(scale=min(2.0, _LONGEST / longest), may_draw_forms=False)
        self._page, self.width, self.height, self._stride = page, drawn.width, drawn.height, drawn.stride
        self._deep = drawn.n_channels
        self.pixels = bytes(drawn.buffer)

    def same(self, other: _Picture, box: Box) -> bool:
        """No pixel within a box of the page differs so that an eye would tell."""
        x1, y1 = self._at(box[0], box[3])
        x2, y2 = self._at(box[2], box[1])
        (x1, x2), (y1, y2) = sorted((x1, x2)), sorted((y1, y2))
        left, right = max(x1, 0) * self._deep, min(x2 + 1, self.width) * self._deep
        for y in range(max(y1, 0), min(y2 + 1, self.height)):
            mine = self.pixels[y * self._stride + left : y * self._stride + right]
            its = other.pixels[y * self._stride + left : y * self._stride + right]
            if mine != its and any(abs(a - b) >= NEAR for a, b in zip(mine, its, strict=True)):
                return False
        return True

    def _at(self, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(self._page, 0, 0, self.width, self.height, 0, x, y, across, down)
        return across.value, down.value


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, float, float, float]:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _meets(box: tuple[float, float, float, float], area: tuple[float, float, float, float]) -> bool:
    left, low, right, high = _overlap(box, area)
    return right - left > -_TOUCH and high - low > -_TOUCH
