"""Copies are found whatever is changed around them; texts of one subject, or of one form, are not taken for copies."""

import random

import pytest

from reviewers.overlap import overlaps
from reviewers.records import Dossier, Passage

WORDS = [a + b for a in "robo batte senso polym ultra nano hydro".split() for b in "ting ry rs eric x ol ane".split()]


def prose(n, seed):
    return " ".join(random.Random(seed).choices(WORDS, k=n))


def test_a_copy_with_every_eighth_word_changed_is_found_with_the_page_of_each():
    words = prose(160, 1).split()
    copied = " ".join("other" if n % 8 == 0 else word for n, word in enumerate(words))
    plan = (Passage(prose(80, 3), "D02", "plan.pdf", 1), Passage(" ".join(words), "D02", "plan.pdf", 4))
    first = Dossier("d1", "", "A", prose(60, 2), documents=plan)
    second = Dossier("d2", "", "B", copied)
    [found] = overlaps([first, Dossier("d3", "", "C", prose(200, 4)), second])
    assert (found.first, found.second) == ("d1", "d2") and 0.3 < found.share < 0.7
    quote = found.quotes[0]
    assert (quote.first.document, quote.first.page, quote.second.document) == ("plan.pdf", 4, "")
    assert quote.text in copied and quote.text in " ".join(words) and len(quote.text.split()) == 7


def test_a_dossier_filed_before_is_found_and_those_before_are_not_compared_with_each_other():
    text = "이 제품은 연기 속에서 사람을 찾는 구조 드론이며 " + " ".join(f"문장{n}은 서로 다르다" for n in range(12))
    old = [Dossier("old/1", "", "옛 이름", text), Dossier("old/2", "", "옛", text)]
    found = overlaps([Dossier("now", "", "새 이름", text)], old)
    assert [(o.first, o.second, o.share) for o in found] == [("now", "old/1", 1.0), ("now", "old/2", 1.0)]


def test_one_form_filled_in_by_many_is_nobodys_copy():
    form = prose(120, 99)
    dossiers = [Dossier(f"d{n}", "", "A", prose(60, n), documents=(Passage(form, "D01", "form.hwpx", 1),)) for n in range(14)]
    assert overlaps(dossiers) == ()
    few = overlaps(dossiers[:3])  # of three nobody can tell whose the text is
    assert len(few) == 3 and few[0].quotes[0].first.document == "form.hwpx"


@pytest.mark.parametrize("texts", [(), ("",), ("too short", "too short")])
def test_too_little_text_is_not_compared(texts):
    assert overlaps([Dossier(f"d{n}", "", "A", text) for n, text in enumerate(texts)]) == ()
