"""Retellings are suspected by their vectors, copies of strangers are not, and what was never measured is counted."""

import numpy as np
import pytest

from reviewers.embeddings import embed
from reviewers.evidence import Remembered
from reviewers.records import Dossier
from reviewers.retold import read, retold
from reviewers.sides import language_means
from reviewers.text import dossier_texts
from reviewers.vector_cache import VectorCache


class Random:
    """A vector for each text: its subject (the digits in it), a little of itself, and in Korean a lean to the language."""

    name, dim = "random", 64

    def __init__(self, digest):
        self.digest = digest

    def encode(self, texts):
        rows = []
        for text in texts:
            subject = int("".join(filter(str.isdigit, text)) or 999)
            own = np.random.default_rng(sum(text.encode())).normal(size=self.dim)
            row = np.random.default_rng(subject).normal(size=self.dim) + 0.2 * own
            row[0] += 9.0 * any(letter >= "가" for letter in text)
            rows.append(row / np.linalg.norm(row))
        return np.array(rows, dtype=np.float32)


ENGLISH = "A robot that carries goods up the stairs of old houses without any help, number {}."
AGAIN = "It brings parcels to upper floors all by itself, and no lift is needed at all, number {}."
KOREAN = "오래된 집의 계단을 오르며 사람의 도움 없이 물건을 나르는 배송 로봇, 번호 {}번입니다. 승강기가 없어도 됩니다."


@pytest.fixture
def cache(tmp_path):
    return VectorCache(tmp_path)


def told(dossiers, cache, kept=None):
    digests = {"english": "e", "multilingual": "m"}
    for digest in digests.values():
        embed([text for d in (kept or dossiers) for text in dossier_texts(d)], Random(digest), cache)
    language_means(Random("m"), cache)
    return read(dossiers, digests, cache)


def test_a_translation_and_a_rewording_are_suspected_and_strangers_are_not(cache):
    english = [Dossier(f"e{n}", "", "", ENGLISH.format(n)) for n in range(20)]
    korean = [Dossier(f"k{n}", "", "", KOREAN.format(n)) for n in [*range(100, 119), 5]]
    again = Dossier("again", "", "", AGAIN.format(7))
    found = retold(told([*english, *korean, again], cache), 40)
    assert {(pair.first, pair.second, pair.kind) for pair in found} == {("e5", "k5", "across"), ("e7", "again", "en")}
    assert retold(told([again, *korean], cache), 1) == ()  # too few of the other language, and only Korean ones to be near to


def test_what_was_never_measured_is_counted_and_too_short_a_text_is_not_compared(cache):
    first, second = Dossier("a", "", "", ENGLISH.format(1)), Dossier("b", "", "", AGAIN.format(1))
    assert told([first, second, Dossier("c", "", "AI-1")], cache, kept=[first]).unread == 1
    assert read([first], {}, cache).unread == 1 and read([], {}, cache).unread == 0
    assert Remembered({}).english.digest == ""
