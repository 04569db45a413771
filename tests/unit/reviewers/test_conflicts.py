"""Who may not judge whom, by the names and dates that the records hold."""

from datetime import date

import pytest

from reviewers.conflicts import barred, find
from reviewers.errors import UnknownId
from reviewers.organisations import organisation_key
from reviewers.records import Dossier, Expert, Fact, Work

CLOSING = date(2026, 3, 31)


def dossier(**changes):
    return Dossier(**({"id": "d1", "organisation": "㈜가나다", "title": "제품"} | changes))


def grounds(dossiers, experts, facts=(), **options):
    return [(c.expert_id, c.dossier_id, c.ground, c.hard) for c in find(dossiers, experts, facts, **options)]


@pytest.mark.parametrize(
    "names",
    [
        ("㈜가나다", "(주)가나다", "주식회사 가나다", "가나다 ㈜", "가나다주식회사", "가 나 다"),
        (
            "Acme, Inc.",
            "ACME INC",
            "Acme Incorporated",
            "acme llc",
            "Acme L.L.C.",
            "The Acme Company",
            "Acme Co., Ltd.",
        ),
        ("Muster GmbH", "MUSTER"),
        (
            "한빛대학교",
            "한빛대학교 산학협력단",
            "한빛대학교산학협력단",
            "한빛대학교 (서울캠퍼스)",
            "한빛대학교 서울캠퍼스",
        ),
        ("Hanbit University", "Hanbit University, Seoul Campus", "Hanbit University Research & Business Foundation"),
        ("Smith & Sons Corp.", "Smith and Sons"),
        ("Applied Optics, L.C.", "Applied Optics L.C", "(주)Applied Optics, L.C", "APPLIED OPTICS LC Co., Ltd."),
    ],
)
def test_spellings_of_one_organisation_have_one_key(names):
    assert len({organisation_key(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("가나다", "가나다라"),
        ("Acme", "Acme Robotics"),
        ("한빛대학교", "한빛대학교병원"),
        ("Co", "Inc"),
        ("캠퍼스", "주식회사"),
    ],
)
def test_other_organisations_keep_other_keys(one, other):
    assert organisation_key(one) != organisation_key(other)


def test_a_name_without_letters_matches_nobody():
    assert organisation_key(" - ") == ""
    assert grounds([dossier(organisation="-")], [Expert("e1", "")]) == []


def test_an_expert_from_the_applicants_company_is_barred_in_any_spelling():
    experts = [Expert("e1", "주식회사 가나다"), Expert("e2", "가나다라")]
    assert grounds([dossier()], experts) == [("e1", "d1", "same_organisation", True)]


def test_a_registration_number_bars_where_the_names_differ():
    experts = [Expert("e1", "새이름", organisation_number="123-45-67890")]
    assert grounds([dossier(organisation_number="1234567890")], experts) == [("e1", "d1", "same_organisation", True)]


def test_equal_names_under_two_numbers_ask_for_identity_and_do_not_bar():
    experts = [Expert("e1", "가나다", organisation_number="111-11-11111")]
    assert grounds([dossier(organisation_number="222-22-22222")], experts) == [("e1", "d1", "same_organisation", False)]


def test_a_universitys_foundation_is_the_university_whatever_its_number():
    experts = [Expert("e1", "한빛대학교", organisation_number="111-11-11111")]
    applicant = dossier(organisation="한빛대학교 산학협력단", organisation_number="222-22-22222")
    assert grounds([applicant], experts) == [("e1", "d1", "same_organisation", True)]


def test_a_translated_name_bars_by_its_alias():
    experts = [Expert("e1", "Ganada Inc.")]
    assert grounds([dossier()], experts) == []
    assert grounds([dossier()], experts, aliases={"Ganada": "가나다"}) == [("e1", "d1", "same_organisation", True)]


def test_a_declared_conflict_bars_the_dossier_or_all_of_an_organisation():
    dossiers = [dossier(), dossier(id="d2"), dossier(id="d3", organisation="라마바")]
    facts = [Fact("declared", "e1", dossier_id="d3"), Fact("declared", "e2", organisation="가나다")]
    found = grounds(dossiers, [Expert("e1"), Expert("e2")], facts)
    assert [(e, d) for e, d, _, _ in found] == [("e2", "d1"), ("e2", "d2"), ("e1", "d3")]


@pytest.mark.parametrize(("on", "bars"), [(date(2023, 3, 31), True), (date(2023, 3, 30), False), (None, True)])
def test_former_employment_counts_three_years_with_the_anniversary_inside(on, bars):
    found = find([dossier()], [Expert("e1")], [Fact("employment", "e1", organisation="가나다", on=on)], closing_on=CLOSING)
    assert bool(found) is bars


def test_a_work_dated_by_year_counts_as_its_last_day():
    def with_work(year):
        work = Work("w", "t", year=year, people=("0000-0001-2345-6789",))
        return find([dossier(people=("0000-0001-2345-6789",))], [Expert("e1", works=(work,))], closing_on=CLOSING)

    assert [c.hard for c in with_work(2023)] == [True]
    assert with_work(2022) == []


def test_an_equal_name_on_a_work_asks_for_identity_and_does_not_bar():
    found = find([dossier(people=("김하나",))], [Expert("e1", works=(Work("w", "t", people=("김하나",)),))])
    assert [(c.ground, c.hard, c.evidence["identity_sure"]) for c in found] == [("co_work", False, False)]
    assert barred(found) == frozenset()


def test_a_listed_researcher_may_not_judge_the_own_dossier():
    assert grounds([dossier(people=("e1",))], [Expert("e1")]) == [("e1", "d1", "participant", True)]


def test_a_fact_about_an_unknown_expert_is_refused():
    with pytest.raises(UnknownId):
        find([dossier()], [Expert("e1")], [Fact("declared", "e9", dossier_id="d1")])


def test_evidence_is_plain_json():
    import json

    found = find([dossier()], [Expert("e1", "가나다")], [Fact("employment", "e1", organisation="가나다", on=CLOSING)])
    assert len(found) == 2
    assert all(json.dumps(dict(conflict.evidence)) for conflict in found)
