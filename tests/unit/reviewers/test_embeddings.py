"""A vector is computed once, whatever interrupts the work."""

import multiprocessing
import sqlite3

import numpy as np
import pytest

from reviewers.embeddings import BATCH, BATCHES_PER_WRITE, embed
from reviewers.records import Dossier
from reviewers.sentence_encoder import SentenceEncoder, folder_digest
from reviewers.text import dossier_texts, joined, language_of, text_digest
from reviewers.vector_cache import VectorCache
from tests.unit.reviewers.encoders import WordEncoder


def test_vectors_come_in_the_order_of_the_texts_whatever_their_length():
    texts = ["robot", "a much longer text about a battery", "vaccine bridge"]
    assert np.allclose(embed(texts, WordEncoder()), WordEncoder().encode(texts))


def test_equal_texts_are_encoded_once_and_cached_ones_never_again(tmp_path):
    cache, encoder = VectorCache(tmp_path), WordEncoder()
    first = embed(["robot", "robot ", "bridge"], encoder, cache)
    assert sorted(encoder.seen) == ["bridge", "robot"]
    again = WordEncoder()
    assert np.array_equal(embed(["bridge", "robot"], again, cache), first[[2, 0]]) and again.seen == []


def test_another_model_never_reads_vectors_of_the_first(tmp_path):
    cache = VectorCache(tmp_path)
    embed(["robot"], WordEncoder("one"), cache)
    other = WordEncoder("two")
    embed(["robot"], other, cache)
    assert other.seen == ["robot"]


def test_an_interrupted_embedding_resumes_after_its_last_written_batch(tmp_path):
    texts = [f"robot {i}" for i in range(BATCH * BATCHES_PER_WRITE * 2 + 5)]

    class Killed(WordEncoder):
        def encode(self, batch):
            if len(self.seen) >= BATCH * BATCHES_PER_WRITE:
                raise KeyboardInterrupt
            return super().encode(batch)

    cache = VectorCache(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        embed(texts, Killed(), cache)
    encoder, reports = WordEncoder(), []
    result = embed(texts, encoder, cache, lambda done, total: reports.append((done, total)))
    assert len(encoder.seen) == len(texts) - BATCH * BATCHES_PER_WRITE
    assert reports[0] == (BATCH * BATCHES_PER_WRITE, len(texts)) and reports[-1] == (len(texts), len(texts))
    assert np.allclose(result, WordEncoder().encode(texts))


def _write(folder, name):
    cache = VectorCache(folder)
    for i in range(50):
        cache.keep("m", {f"{name}-{i}": np.full(3, i, dtype=np.float32)})


def test_several_processes_write_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write, args=(tmp_path, name)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(VectorCache(tmp_path).find("m", [f"{name}-{i}" for name in "ab" for i in range(50)])) == 100


def test_the_cache_is_one_file_in_write_ahead_mode(tmp_path):
    cache = VectorCache(tmp_path / "new")
    with sqlite3.connect(cache.path) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_nothing_to_embed_gives_an_empty_matrix():
    assert embed([], WordEncoder()).shape == (0, 6)


def test_a_models_digest_changes_with_its_bytes_prompt_and_length(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    before = folder_digest(tmp_path)
    digests = {
        SentenceEncoder(tmp_path).digest,
        SentenceEncoder(tmp_path, prompt="query: ").digest,
        SentenceEncoder(tmp_path, max_tokens=128).digest,
    }
    (tmp_path / "config.json").write_text("{ }")
    assert len(digests) == 3 and folder_digest(tmp_path) != before


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("LLM 기반 RAG 문서 요약 시스템", "ko"),
        ("Summaries by an LLM", "en"),
        ("The Hangul word 안녕 in a long English sentence about greetings", "en"),
        ("", "en"),
        ("2024", "en"),
    ],
)
def test_the_language_of_a_text_is_told_by_its_letters(text, language):
    assert language_of(text) == language


def test_hangul_in_another_unicode_form_is_the_same_text():
    import unicodedata

    decomposed = unicodedata.normalize("NFD", "배터리")
    assert language_of(decomposed) == "ko" and text_digest(decomposed) == text_digest("배터리")


def test_a_dossier_is_its_title_with_summary_and_each_passage_without_empty_ones():
    assert dossier_texts(Dossier("d", "", "T", "S", passages=("P", " "))) == ("T. S", "P")
    assert joined("", "body") == "body"
