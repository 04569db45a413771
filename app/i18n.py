"""Two languages without a web framework: pages, mail and jobs read the same catalogues."""

from __future__ import annotations

import gettext as stdlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from app.clock import KST

FOLDER = Path(__file__).parent / "translations"
DEFAULT = "ko"
_language: ContextVar[str] = ContextVar("language", default=DEFAULT)


def use(language: str) -> None:
    _language.set(language)


def current() -> str:
    return _language.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is written inside is in this language; afterwards the reader's own is back."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


@lru_cache(maxsize=8)
def catalogue(language: str) -> stdlib.NullTranslations:
    """All `translations/<language>/*.po` as one catalogue; English is the language of the message ids."""
    merged = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=language):
                if message.id and message.string:
                    merged.add(message.id, message.string, context=message.context)
    if len(merged) == 0:
        return stdlib.NullTranslations()
    binary = io.BytesIO()
    write_mo(binary, merged)
    binary.seek(0)
    return stdlib.GNUTranslations(binary)


def gettext(message: str, /, **values: Any) -> str:
    text = catalogue(current()).gettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    return catalogue(current()).ngettext(one, many, n) % {"num": n, **values}


def pair(value: Any) -> str:
    """The label of a datum that carries its own two languages: `.ko`/`.en`, or a mapping with those keys."""
    if value is None:
        return ""
    language = current()
    if isinstance(value, Mapping):
        return str(value.get(language) or value.get("en") or value.get("ko") or "")
    return str(getattr(value, language, None) or getattr(value, "en", None) or value)


def kst(moment: datetime | None, *, seconds: bool = False) -> str:
    """2026. 12. 18.(금) 18:00 in Korean, 2026-12-18 18:00 KST in English."""
    if moment is None:
        return ""
    local = moment.astimezone(KST)
    clock = "HH:mm:ss" if seconds else "HH:mm"
    if current() == "ko":
        return format_datetime(local, f"y. M. d.(EEE) {clock}", tzinfo=KST, locale="ko")
    return format_datetime(local, f"y-MM-dd {clock}", tzinfo=KST, locale="en") + " KST"


def until(moment: datetime | None, *, seconds: bool = False) -> str:
    """A deadline is the first instant after it: midnight is read as 24:00 of the day that ends, not as 00:00 of the next."""
    if moment is None or moment.astimezone(KST).time() != time.min:
        return kst(moment, seconds=seconds)
    return kst(moment - timedelta(days=1), seconds=seconds).replace("00:00", "24:00", 1)


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(KST).date()
    return format_date(value, "y. M. d.(EEE)", locale="ko") if current() == "ko" else value.isoformat()


def number(value: Any, digits: int | None = None) -> str:
    if value is None or value == "":
        return ""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=current()))


def won(value: int | None) -> str:
    if value is None:
        return ""
    return f"{number(value)}원" if current() == "ko" else f"KRW {number(value)}"
