"""Every verdict on a document has its words in both languages, and says what to do where somebody must do something."""

from __future__ import annotations

import pytest

from app import i18n
from app.documents import verdict
from app.documents.readers.flow import WHY


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_verdict_has_its_words_and_its_remedy(language: str) -> None:
    wanted = [f"reading.{code}" for code in verdict.WEIGHTS]
    wanted += [f"reading.{code}.remedy" for code, weight in verdict.WEIGHTS.items() if weight != verdict.NOTES]
    wanted += [f"reading.why.{code}" for code in WHY]
    wanted += [f"reading.language.{code}" for code in ("ko", "en", "ja", "zh", "ru")]
    assert [code for code in wanted if i18n.catalogue(language).gettext(code) == code] == []
