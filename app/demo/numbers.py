"""Numbers with a check digit, as the authorities form them (domain.md §12); fictitious all the same."""

from __future__ import annotations

from random import Random

_BUSINESS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_CORPORATE = (1, 2) * 6


def business_no(rng: Random) -> str:
    """사업자등록번호, ten digits without hyphens."""
    digits = [rng.randint(1, 9), rng.randint(0, 9), rng.randint(1, 9), 8, *(rng.randint(0, 9) for _ in range(5))]
    total = sum(d * w for d, w in zip(digits, _BUSINESS, strict=True)) + digits[8] * 5 // 10
    return "".join(map(str, digits)) + str((10 - total % 10) % 10)


def corporate_no(rng: Random) -> str:
    """법인등록번호, thirteen digits without the hyphen."""
    digits = [1, *(rng.randint(0, 9) for _ in range(11))]
    total = sum(d * w for d, w in zip(digits, _CORPORATE, strict=True))
    return "".join(map(str, digits)) + str((10 - total % 10) % 10)
