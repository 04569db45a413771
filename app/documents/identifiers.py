"""The identifiers of Korean public procurement and R&D: what each must look like, and whether a fault stops or only warns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """`fault` is empty for a valid value; `hard` says whether the fault stops the dossier; `clean` is what to store."""

    clean: str
    fault: str = ""
    hard: bool = False


Check = Callable[[str], Verdict]


def business_no(value: str) -> Verdict:
    """사업자등록번호: ten digits, the last one a check digit; ten equal digits are refused though some sums fit."""
    digits = _digits(value)
    if len(digits) != 10:
        return Verdict(value.strip(), "id.ten_digits", True)
    total = sum(int(d) * w for d, w in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False)) + 5 * int(digits[8]) // 10
    if len(set(digits)) == 1 or (10 - total % 10) % 10 != int(digits[9]):
        return Verdict(value.strip(), "id.check_digit", True)
    return Verdict(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}")


def corporate_no(value: str) -> Verdict:
    """법인등록번호: thirteen digits; newer numbers may lack the check digit, so a wrong one warns. A resident number is refused."""
    digits = _digits(value)
    if len(digits) != 13:
        return Verdict(value.strip(), "id.thirteen_digits", True)
    clean = f"{digits[:6]}-{digits[6:]}"
    total = sum(int(d) * (1 + n % 2) for n, d in enumerate(digits[:12]))
    if (10 - total % 10) % 10 == int(digits[12]):
        return Verdict(clean)
    if _resident(digits):
        return Verdict("", "id.resident_number", True)
    return Verdict(clean, "id.check_digit_warning")


def item_class_no(value: str) -> Verdict:
    """물품분류번호: eight digits, four levels of two."""
    return _exactly(value, 8, "id.eight_digits")


def detail_item_no(value: str, item_class: str = "") -> Verdict:
    """세부품명번호: the eight digits of the class and two of its own."""
    verdict = _exactly(value, 10, "id.ten_digits")
    if not verdict.fault and item_class and not verdict.clean.startswith(_digits(item_class)):
        return Verdict(verdict.clean, "id.not_of_class", True)
    return verdict


def item_id(value: str) -> Verdict:
    """물품식별번호: eight digits without meaning; may follow until designation."""
    return _exactly(value, 8, "id.eight_digits")


def item_list_no(value: str) -> Verdict:
    """물품목록번호: class and identification number together."""
    return _exactly(value, 16, "id.sixteen_digits")


def ntis_project_no(value: str) -> Verdict:
    """과제고유번호: usually ten digits; legacy numbers (108062-03-2-SB010, 692218) pass with a warning."""
    clean = value.strip()
    if re.fullmatch(r"\d{10}", clean):
        return Verdict(clean)
    if re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z-]{3,29}", clean):
        return Verdict(clean, "id.legacy_project_no")
    return Verdict(clean, "id.project_no", True)


def g2b_no(value: str) -> Verdict:
    """나라장터 number, such as R25BK00916502-000."""
    clean = value.strip()
    return Verdict(clean, "" if re.fullmatch(r"R\d{2}[A-Z]{2}\d{8}(-\d{3})?", clean) else "id.g2b_no")


def nstc_code(value: str) -> Verdict:
    """A code of the national science and technology classification at any of its three levels, such as EE, EE02 or EE0203.

    >>> nstc_code("ee02").clean, nstc_code("EE2").fault
    ('EE02', 'id.nstc_code')
    """
    clean = value.strip().upper()
    return Verdict(clean, "" if re.fullmatch(r"[A-Z]{2}(\d{2}){0,2}", clean) else "id.nstc_code", True)


CHECKS: dict[str, Check] = {
    "nstc_code": nstc_code,
    "business_no": business_no,
    "corporate_no": corporate_no,
    "item_class_no": item_class_no,
    "detail_item_no": detail_item_no,
    "item_id": item_id,
    "item_list_no": item_list_no,
    "ntis_project_no": ntis_project_no,
    "g2b_no": g2b_no,
}


def _digits(value: str) -> str:
    """The digits of a number written with spaces or hyphens; anything else makes it no number."""
    bare = re.sub(r"[\s-]", "", value)
    return bare if bare.isascii() and bare.isdigit() else ""


def _exactly(value: str, n: int, fault: str) -> Verdict:
    digits = _digits(value)
    return Verdict(digits) if len(digits) == n else Verdict(value.strip(), fault, True)


def _resident(digits: str) -> bool:
    """Shaped as a birth date, a century digit and a resident's check digit: nothing of it is kept."""
    month, day = int(digits[2:4]), int(digits[4:6])
    if not (1 <= month <= 12 and 1 <= day <= 31 and digits[6] in "12345678"):
        return False
    total = sum(int(d) * w for d, w in zip(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False))
    return (11 - total % 11) % 10 == int(digits[12])
