"""Resident registration numbers: the shape is enough; a company's number and a barcode pass beside their names only."""

from __future__ import annotations

import doctest

import pytest

from app.documents import archive, residents
from app.documents.readers import colour, flow, xml
from app.documents.residents import mask
from app.workflow import readings


@pytest.mark.parametrize(
    "text",
    [
        "900101-1234567",
        "9001011234567",
        "번호 001231-3000000.",
        "외국인 900101-5234567",
        "900101 - 2234567",
        "법인등록번호 900101-1234567",  # its name beside it, but no check digit of a company
        "110111-1129497",  # a company's, without its name
        "8801043150620",  # a barcode, without its name
        "９００１０１-１２３４５６７",
    ],
)
def test_what_has_the_shape_is_masked(text: str) -> None:
    masked, n = mask(text)
    assert n == 1
    assert not any(c.isdigit() for c in masked)


@pytest.mark.parametrize(
    "text",
    [
        "법인등록번호: 110111-1129497",
        "corporate registration no. 130111-0006246",
        "바코드 8801043150620",
        "901301-1234567",  # no thirteenth month
        "900230-1234567",  # no 30 February
        "900101-9234567",  # no such century
        "1711190129",
        "12345-900101-12345678",
        "900101 1234567",  # two cells of a table
    ],
)
def test_what_is_another_number_stays(text: str) -> None:
    assert mask(text) == (text, 0)


@pytest.mark.parametrize("module", [archive, residents, flow, xml, colour, readings], ids=lambda m: m.__name__)
def test_the_examples_hold(module: object) -> None:
    tried = doctest.testmod(module)  # type: ignore[arg-type]
    assert tried.attempted and not tried.failed
