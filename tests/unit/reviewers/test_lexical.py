import numpy as np
import pytest

from reviewers.lexical import LexicalEncoder


def test_rows_have_length_one_and_do_not_depend_on_their_neighbours():
    encoder = LexicalEncoder()
    texts = ["rescue drone with thermal camera", "열화상 구조 드론", "membrane for water treatment"]
    rows = encoder.encode(texts)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert np.array_equal(rows[1], encoder.encode([texts[1]])[0])


def test_a_korean_word_matches_itself_with_another_particle():
    same, other = LexicalEncoder().encode(["구조드론을", "구조드론의"]), LexicalEncoder().encode(["신약후보물질"])
    assert same[0] @ same[1] > 0.6 > same[0] @ other[0]


def test_a_text_without_words_is_all_zero():
    assert not LexicalEncoder(16).encode(["…"]).any()


def test_no_dimension_is_refused():
    with pytest.raises(ValueError, match="dim"):
        LexicalEncoder(0)
