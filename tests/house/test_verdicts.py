"""Every verdict on a document has its words in both languages, and says what to do where somebody must do something."""

from __future__ import annotations

import pytest

from app import i18n
from app.documents import verdict


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_verdict_has_its_words_and_its_remedy(language: str) -> None:
    wanted = [f"reading.{code}" for code in verdict.WEIGHTS]
    wanted += [f"reading.{code}.remedy" for code, weight in verdict.WEIGHTS.items() if weight != verdict.NOTES]
    assert [code for code in wanted if i18n.catalogue(language).gettext(code) == code] == []
