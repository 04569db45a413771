"""Resident registration numbers are neither kept nor shown: found by shape, masked in every text that is stored.

The shape is YYMMDD, a digit 1 to 8 and six more, with or without a hyphen. Its check digit says nothing: numbers issued since
October 2020 end at random. Two others of the same shape are let through, each only beside its own label and with its check digit:
a company's registration number, and a barcode of a Korean product (880…).
"""

from __future__ import annotations

import re

_SHAPE = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})( ?[-–—‐‑] ?|)([1-8１-８]\d{6})(?!\d)")
_COMPANY = re.compile(r"법인|corporat", re.IGNORECASE)
_BARCODE = re.compile(r"바코드|상품코드|유통코드|표준코드|barcode|gtin|ean", re.IGNORECASE)
_NEAR = 40  # characters before a number in which its label stands
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def mask(text: str) -> tuple[str, int]:
    """The text with every resident number masked, and how many there were.

    >>> mask("주민등록번호 900101-1234567")
    ('주민등록번호 ******-*******', 1)
    >>> mask("법인등록번호: 110111-1129497")
    ('법인등록번호: 110111-1129497', 0)
    """
    n = 0

    def hide(found: re.Match[str]) -> str:
        nonlocal n
        if not _is_resident(found):
            return found[0]
        n += 1
        return "*" * 6 + found[4] + "*" * 7

    return _SHAPE.sub(hide, text), n


def _is_resident(found: re.Match[str]) -> bool:
    month, day = int(found[2]), int(found[3])
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]):
        return False
    digits = [int(d) for d in found[1] + found[2] + found[3] + found[5]]
    before = found.string[max(0, found.start() - _NEAR) : found.start()]
    if _COMPANY.search(before) and _checks(digits, (1, 2)):
        return False
    return not (found[4] == "" and digits[:3] == [8, 8, 0] and _BARCODE.search(before) and _checks(digits, (1, 3)))


def _checks(digits: list[int], weights: tuple[int, int]) -> bool:
    total = sum(d * weights[n % 2] for n, d in enumerate(digits[:12]))
    return (10 - total % 10) % 10 == digits[12]
