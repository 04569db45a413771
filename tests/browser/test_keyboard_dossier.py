"""A company without a mouse, in Korean and in English: self-check, dossier, preview; axe looks at every page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser import dossier_steps as steps
from tests.browser.person import Person

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_dossier_is_written_by_the_keyboard_alone(person: Callable[..., Person], language: str) -> None:
    applicant = person("applicant", language=language)
    steps.check_eligibility(applicant)
    applicant.tab_to("Start a dossier with these answers", role="link")
    applicant.key("Enter")
    applicant.tab_to("Start a dossier")
    applicant.key("Enter")
    assert "/write/company" in applicant.page.url
    assert applicant.page.input_value("[name=size]") == "sme"  # brought along from the self-check
    steps.fill_dossier(applicant)
    assert applicant.page.url.endswith("/files")
    applicant.tab_to("Preview", role="link")
    applicant.key("Enter")
    applicant.reads("What panellists see")
    assert "연기 속에서 사람을 찾는 드론" in applicant.text  # the panel's own view of what was typed
    left = applicant.page.locator("#left a")
    assert [link.inner_text()[:3] for link in left.all()] == ["D02", "D03"]  # nothing is left but the files
    applicant.tab_into(left.first)
    applicant.key("Enter")
    assert applicant.page.url.endswith("/files#D02")
