"""The demonstration's applications: 120 product ideas, complete forms, believable texts, designed troubles."""

import json
from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from statistics import mean
from typing import Any

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from app.demo.dossiers import CLOSING, dossiers
from app.demo.quality import true_total
from app.demo.troubles import NOTES, TROUBLES

Rows = list[dict[str, Any]]
BUSINESS, CORPORATE = (1, 3, 7, 1, 3, 7, 1, 3, 5), (1, 2) * 6


def _digest(rows: Rows) -> str:
    return sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _of(filed: Rows, trouble: str) -> dict[str, Any]:
    return next(row for row in filed if row["trouble"] == trouble)


def test_the_same_seed_makes_the_same_bytes(pool: Rows, filed: Rows) -> None:
    assert _digest(filed) == _digest(list(dossiers(pool=pool)))
    assert _digest(filed) != _digest(list(dossiers(seed=1, pool=pool)))


def test_five_products_for_every_sub_field_each_named_once_in_both_languages(filed: Rows) -> None:
    assert Counter(row["fields"][0] for row in filed) == {f"F{i:02d}": 5 for i in range(1, 25)}
    for key in ("name_ko", "name_en"):
        assert len({row["product"][key] for row in filed}) == 120
    assert all(row["fields"][0] != row["fields"][1] for row in filed)


def test_numbers_carry_valid_check_digits(filed: Rows) -> None:
    for row in filed:
        b = [int(d) for d in row["organisation"]["business_no"]]
        total = sum(d * w for d, w in zip(b, BUSINESS, strict=False)) + 5 * b[8] // 10
        assert len(b) == 10 and (total + b[9]) % 10 == 0
        c = [int(d) for d in row["organisation"]["corporate_no"]]
        assert len(c) == 13 and (sum(d * w for d, w in zip(c, CORPORATE, strict=False)) + c[12]) % 10 == 0
        assert len(row["product"]["detail_item_no"]) == 10 and row["product"]["detail_item_no"].isdigit()


def test_texts_have_the_length_a_panel_reads(filed: Rows) -> None:
    for row in filed:
        assert 75 <= len(row["summary"].split()) <= 150, row["application_id"]
        for part in ("novelty", "impact", "procurement", "market"):
            assert 60 <= len(row["narrative"][part].split()) <= 125, (row["application_id"], part)


def test_both_languages_are_present_and_texts_keep_to_theirs(filed: Rows) -> None:
    assert 12 <= sum(row["language"] == "en" for row in filed) <= 36
    for row in filed:
        text = row["summary"] + "".join(row["narrative"].values())
        assert not set("{}|") & set(text)
        if row["language"] == "en":
            assert not any("가" <= letter <= "힣" for letter in text)


def test_a_company_is_the_same_in_all_its_dossiers_and_one_applies_several_times(filed: Rows) -> None:
    by_number: dict[str, set[str]] = {}
    for row in filed:
        by_number.setdefault(row["organisation"]["business_no"], set()).add(json.dumps({**row["organisation"], "tax_arrears": 0}))
    assert all(len(versions) == 1 for versions in by_number.values())
    assert max(Counter(row["organisation"]["business_no"] for row in filed).values()) >= 3


def test_the_rnd_ended_within_five_years_but_for_the_one_designed_not_to(filed: Rows) -> None:
    earliest = CLOSING.replace(year=CLOSING.year - 5)
    early = [row["trouble"] for row in filed if date.fromisoformat(row["rnd"]["ended_on"]) < earliest]
    assert early == ["rnd_ended_early"]
    assert _of(filed, "rnd_ended_early")["rnd"]["ended_on"] == (earliest - timedelta(days=1)).isoformat()
    assert all(row["rnd"]["started_on"] < row["rnd"]["ended_on"] < CLOSING.isoformat() for row in filed)


def test_a_later_closing_moves_the_dates_along(pool: Rows) -> None:
    row = _of(list(dossiers(n=30, closing=date(2027, 9, 30), pool=pool)), "rnd_ended_early")
    assert row["rnd"]["ended_on"] == "2022-09-29"


def test_every_trouble_occurs_once_and_says_what_to_notice(filed: Rows) -> None:
    assert sorted(row["trouble"] for row in filed if row["trouble"]) == sorted(TROUBLES.values()) == sorted(NOTES)
    assert all(row["trouble_note"]["ko"] and row["trouble_note"]["en"] for row in filed if row["trouble"])
    assert sorted(row["trouble"] for row in dossiers(n=20, pool=[]) if row["trouble"]) == sorted(TROUBLES.values())


def test_the_troubles_are_really_in_the_data(pool: Rows, filed: Rows) -> None:
    assert [row["trouble"] for row in filed if row["filed_hours_before_closing"] < 0] == ["late_file"]
    assert [row["trouble"] for row in filed if row["organisation"]["tax_arrears"]] == ["tax_arrears"]
    assert [row["trouble"] for row in filed if row["product"]["trl"] < 7] == ["low_trl"]
    assert [row["trouble"] for row in filed if len(row["product"]["partners"]) > 3] == ["too_many_partners"]
    assert [row["trouble"] for row in filed if row["product"]["is_ai"] and not row["ai_annex"]] == ["ai_annex_missing"]
    assert [row["trouble"] for row in filed if any(ip["dispute"] for ip in row["ip"])] == ["patent_dispute"]
    assert _of(filed, "requested_exclusion")["requested_exclusions"][0]["name"] in {expert["name"] for expert in pool}
    own = _of(filed, "applicant_conflict")
    crowd = [e for e in pool if e["organisation_no"] == own["organisation"]["business_no"] and e["fields"][0]["code"] == "F09"]
    assert len(crowd) >= 9 and len(own["people_with_interest"]) >= 2


def test_the_true_quality_of_the_borderline_and_the_cut_line_case(filed: Rows) -> None:
    assert true_total(_of(filed, "borderline")["quality"]) == pytest.approx(70.0)
    failed = _of(filed, "failed_cut_line")["quality"]
    assert true_total(failed) > 75 and failed["C3"] < 3
    assert all(1 <= step <= 5 for row in filed for step in row["quality"].values())
    assert 0.2 <= mean(true_total(row["quality"]) >= 70 for row in filed) <= 0.6


def test_words_alone_already_lead_a_dossier_to_experts_of_its_sub_fields(pool: Rows, filed: Rows) -> None:
    """TF-IDF stands in for the encoder: seven in ten of the twenty nearest experts share a sub-field."""
    corpus = [" ".join(f"{w['title']} {w['abstract']}" for w in e["works"]) for e in pool]
    vectorizer = TfidfVectorizer(min_df=2, sublinear_tf=True)
    expert_matrix = vectorizer.fit_transform(corpus)
    kept = [row for row in filed if row["fields"][0] != "F16"]  # twelve experts cannot fill twenty places
    texts = [f"{row['title']} {row['summary']} {row['narrative']['novelty']}" for row in kept]
    near = (vectorizer.transform(texts) @ expert_matrix.T).toarray().argsort(axis=1)[:, -20:]
    shares = [
        mean(bool({f["code"] for f in pool[i]["fields"]} & set(row["fields"])) for i in row_near)
        for row, row_near in zip(kept, near, strict=True)
    ]
    assert mean(shares) >= 0.7
