"""PDF: text by page as it is drawn. What nobody can see is told apart: invisible, transparent, tiny, off the page, and pale text
where the page, once drawn, shows nothing but pale."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from app.documents.readers.colour import PALE_FROM, TINY_POINTS, WHITE_FROM
from app.documents.readers.flow import MOST_CHARS, MOST_PAGES, Document, Page, tidy
from app.errors import Invalid

_UNPAINTED = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_LONGEST = 1_200  # pixels of a page's longer side, where it must be drawn to see what shows
_GARBLED_FROM = 0.3  # share of characters without a meaning, from which a page's text is of no use
_TOUCH = 1.0  # points beside the page in which a character still counts as on it


def read(stream: BinaryIO) -> Document:
    try:
        document = pdfium.PdfDocument(stream.read())
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        raise Invalid("file.encrypted" if locked else "file.broken_pdf") from error
    out = Document("page")
    ocr, garbled = [], []
    size = 0
    for n in range(len(document)):
        if n >= MOST_PAGES or size > MOST_CHARS:
            out.found.append(("cut", {"pages": n}))
            break
        try:
            page = document[n]
        except pdfium.PdfiumError:
            out.pages.append(Page(drawn=True))  # broken, but something is meant to be there
            continue
        sheet = _Sheet(page)
        out.pages.append(sheet.read())
        size += len(out.pages[-1].text) + len(out.pages[-1].hidden)
        if sheet.recognised:
            ocr.append(n + 1)
        if sheet.garbled:
            garbled.append(n + 1)
        page.close()
    out.found += [(code, {"pages": pages}) for code, pages in (("ocr_layer", ocr), ("garbled", garbled)) if pages]
    return out


@dataclass
class _Sign:
    """A character; `pale`: white or nearly, so that what it stands on decides; `why`: what hides it."""

    text: str
    why: str = ""
    pale: bool = False
    box: tuple[float, float, float, float] = (0, 0, 0, 0)  # left, bottom, right, top in points


class _Sheet:
    def __init__(self, page: pdfium.PdfPage) -> None:
        self._page = page
        self._area = page.get_bbox()  # with what the page takes over from those above it
        self.recognised = self.garbled = False

    def read(self) -> Page:
        signs = list(self._signs())
        self._settle_pale(signs)
        seen, unseen = (tidy("".join(s.text for s in signs if bool(s.why) is hidden)) for hidden in (False, True))
        pictures, drawings = self._things()
        odd = sum(s.text == "\ufffd" or "\ue000" <= s.text <= "\uf8ff" for s in signs)
        self.garbled = odd > _GARBLED_FROM * max(1, len(signs))
        self.recognised = bool(pictures) and bool(unseen) and not seen and all(s.why in ("", "unpainted") for s in signs)
        return Page(text=seen, hidden=unseen, drawn=pictures or (drawings and (bool(seen) or self._shows())))

    def _signs(self) -> Iterator[_Sign]:
        words = self._page.get_textpage()
        last = ""
        for at in range(raw.FPDFText_CountChars(words)):
            code = raw.FPDFText_GetUnicode(words, at)
            if code == 0x02:
                code = 0x2D  # a hyphen at the end of a line
            text = chr(code) if code and not 0xD800 <= code <= 0xDFFF and code <= 0x10FFFF else "\ufffd"
            if raw.FPDFText_IsGenerated(words, at) == 1:  # a blank or line end between words: goes where its word went
                yield _Sign(text, last)
                continue
            sign = self._sign(words, at, text)
            last = sign.why
            yield sign
        words.close()

    def _sign(self, words: pdfium.PdfTextPage, at: int, text: str) -> _Sign:
        mode = raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(words, at))
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        raw.FPDFText_GetFillColor(words, at, red, green, blue, alpha)
        frame = raw.FS_RECTF()
        raw.FPDFText_GetLooseCharBox(words, at, frame)
        left, right = sorted((frame.left, frame.right))
        low, high = sorted((frame.bottom, frame.top))
        why = ""
        if mode in _UNPAINTED or alpha.value == 0:
            why = "unpainted"
        elif 0 < max(right - left, high - low) < TINY_POINTS:
            why = "tiny"
        elif not _meets((left, low, right, high), self._area):
            why = "off"
        pale = min(red.value, green.value, blue.value) >= WHITE_FROM
        return _Sign(text, why, pale and not why and not text.isspace(), (left, low, right, high))

    def _settle_pale(self, signs: list[_Sign]) -> None:
        """White on a dark ground is there to be read: only the drawn page tells."""
        pale = [s for s in signs if s.pale]
        if pale:
            picture = _Picture(self._page, self._area)
            for sign in pale:
                if picture.least(sign.box) >= PALE_FROM:
                    sign.why = "pale"
            for before, sign in pairwise(signs):
                if sign.text.isspace() and not sign.why:
                    sign.why = before.why

    def _things(self) -> tuple[bool, bool]:
        """Whether there are pictures, and whether there is anything else that is drawn."""
        kinds = {thing.type for thing in self._page.get_objects(max_depth=4)}
        return raw.FPDF_PAGEOBJ_IMAGE in kinds, bool(kinds & {raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING})

    def _shows(self) -> bool:
        """Lines without text: a drawing, or white on white."""
        picture = _Picture(self._page, self._area)
        return max(picture.pixels) - min(picture.pixels) > 8


class _Picture:
    """The page as it is drawn, in grey."""

    def __init__(self, page: pdfium.PdfPage, area: tuple[float, float, float, float]) -> None:
        longest = max(area[2] - area[0], area[3] - area[1], 1.0)
        drawn = page.render(scale=min(2.0, _LONGEST / longest), grayscale=True, may_draw_forms=False)
        self._page, self.width, self.height, self._stride = page, drawn.width, drawn.height, drawn.stride
        self.pixels = bytes(drawn.buffer)

    def least(self, box: tuple[float, float, float, float]) -> int:
        """The darkest pixel within a box of the page; 255 where the box lies outside."""
        x1, y1 = self._at(box[0], box[3])
        x2, y2 = self._at(box[2], box[1])
        (x1, x2), (y1, y2) = sorted((x1, x2)), sorted((y1, y2))
        rows = range(max(y1, 0), min(y2 + 1, self.height))
        lines = (self.pixels[y * self._stride + max(x1, 0) : y * self._stride + min(x2 + 1, self.width)] for y in rows)
        return min((min(line) for line in lines if line), default=255)

    def _at(self, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(self._page, 0, 0, self.width, self.height, 0, x, y, across, down)
        return across.value, down.value


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, float, float, float]:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _meets(box: tuple[float, float, float, float], area: tuple[float, float, float, float]) -> bool:
    left, low, right, high = _overlap(box, area)
    return right - left > -_TOUCH and high - low > -_TOUCH
