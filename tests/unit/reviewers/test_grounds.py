"""Each ground of conflict: whom it reaches, how far back it looks, what it weighs, and what it does not know."""

from datetime import date

import pytest

from reviewers.conflicts import NATURE, barred, find, out_of_call, rules_of
from reviewers.identity import Known, Register, identifier
from reviewers.records import EVERY, Dossier, Expert, Fact, Listed, Work

CLOSING = date(2026, 3, 31)
LEAD = Listed("김연구", "가상대학교", "전자공학과", "researcher", frozenset({"orcid:0000-0002-1825-0097"}))


def dossier(**changes):
    return Dossier(
        **({"id": "d1", "organisation": "㈜가나다", "title": "제품", "listed": (LEAD,), "projects": ("1711190129",)} | changes)
    )


def expert(own="e1", organisation="제삼대학교", **changes):
    return Expert(own, organisation, **changes)


def grounds(experts, facts=(), dossiers=None, **options):
    found = find(dossiers or [dossier()], experts, facts, closing_on=CLOSING, **options)
    return [(c.expert_id, c.dossier_id, c.ground, c.hard) for c in found]


def test_the_grounds_are_those_of_the_rules_with_what_they_weigh():
    assert NATURE == {
        "same_organisation": "hard", "declared": "hard", "participant": "hard", "kin": "hard", "employment": "hard",
        "holding": "hard", "paid_work": "hard", "litigation": "hard", "same_unit": "hard", "rival": "hard", "sanction": "hard",
        "adviser": "narrow_field", "co_work": "narrow_field", "same_institution": "waivable", "judged_before": "shown",
    }  # fmt: skip


@pytest.mark.parametrize("ground", ["employment", "holding", "paid_work", "litigation"])
@pytest.mark.parametrize(("on", "bars"), [(date(2023, 3, 31), True), (date(2023, 3, 30), False), (None, True)])
def test_what_ended_with_the_applicant_counts_for_three_years(ground, on, bars):
    fact = Fact(ground, "e1", organisation="가나다", on=on)
    assert grounds([expert()], [fact]) == ([("e1", "d1", ground, True)] if bars else [])


@pytest.mark.parametrize("ground", ["kin", "adviser"])
def test_kin_and_advisers_count_for_ever(ground):
    fact = Fact(ground, "e1", person="김연구", organisation="가상대학교", on=date(1990, 1, 1))
    assert grounds([expert()], [fact]) == [("e1", "d1", ground, True)]


def test_a_person_is_met_surely_by_identifier_or_place_and_perhaps_by_name():
    def adviser(**who):
        return [hard for *_, hard in grounds([expert()], [Fact("adviser", "e1", **who)])]

    assert adviser(person="0000-0002-1825-0097") == [True]
    assert adviser(person="김 연구", organisation="가상대학교 산학협력단") == [True]
    assert adviser(person="김연구", organisation="다른대학교") == [False]
    assert adviser(person="김연구") == [False]
    assert adviser(person="박무관", organisation="가상대학교") == []


def test_the_years_are_those_of_the_call_and_a_ground_may_be_off():
    facts = [Fact("paid_work", "e1", organisation="가나다", on=date(2022, 1, 1)), Fact("sanction", "e2", on=date(2025, 1, 1))]
    experts = [expert(), expert("e2")]
    assert grounds(experts, facts) == [("e2", EVERY, "sanction", True)]
    longer = rules_of(conflict_years=5, sanction_years=1)
    assert grounds(experts, facts, rules=longer) == [("e1", "d1", "paid_work", True)]
    assert grounds(experts, facts, rules=rules_of(conflict_years=5, sanction_years=3, off=["paid_work", "sanction"])) == []


@pytest.mark.parametrize(
    ("organisation", "unit", "ground", "hard"),
    [
        ("가상대학교", "전자 공학과", "same_unit", True),
        ("가상대학교 전자공학과", "", "same_unit", True),
        ("가상대학교", "물리학과", "same_institution", True),
        ("가상대학교", "", "same_institution", True),
    ],
)
def test_the_lowest_unit_bars_and_so_does_the_institution_until_it_is_waived(organisation, unit, ground, hard):
    assert NATURE["same_unit"] == "hard" and NATURE["same_institution"] == "waivable"
    assert grounds([expert(organisation=organisation, unit=unit)]) == [("e1", "d1", ground, hard)]


def test_the_same_department_on_two_campuses_is_another_unit():
    lead = Listed("김연구", "가상대학교 서울캠퍼스", "전자공학과")
    found = find([dossier(listed=(lead,))], [expert(organisation="가상대학교 부산캠퍼스", unit="전자공학과")])
    assert [(c.ground, c.hard, c.evidence["unit_known"]) for c in found] == [("same_institution", True, True)]


def test_a_rival_judges_nobody_in_the_call():
    two = [dossier(), dossier(id="d2", organisation="라마바 주식회사", listed=())]
    experts = [expert(organisation="라마바"), expert("e2", "가상대학교", names=("김연구",)), expert("e3")]
    found = find(two, experts)
    assert out_of_call(found) == {"e1", "e2"}
    assert {("e1", "d2", "same_organisation"), ("e2", "d1", "participant")} <= {
        (c.expert_id, c.dossier_id, c.ground) for c in found
    }
    assert out_of_call(find(two[:1], experts)) == frozenset()  # alone in its call an applicant has no rivals


def test_a_sanctioned_expert_is_out_of_the_call():
    facts = [Fact("sanction", "e1", on=date(2023, 3, 31)), Fact("sanction", "e2", on=date(2023, 3, 30))]
    assert grounds([expert(), expert("e2")], facts) == [("e1", EVERY, "sanction", True)]


def test_judging_the_research_before_is_shown_and_bars_nobody():
    found = find(
        [dossier()], [expert()], [Fact("judged_before", "e1", project="17-1119-0129", on=date(2024, 1, 1))], closing_on=CLOSING
    )
    assert [(c.ground, c.nature, c.hard) for c in found] == [("judged_before", "shown", False)]
    assert barred(found) == frozenset()


def test_a_joint_work_counts_by_identifier_and_the_own_name_on_it_says_nothing():
    def with_people(*people, **changes):
        return grounds([expert(works=(Work("w", "t", year=2025, people=people),), **changes)])

    assert with_people("https://orcid.org/0000-0002-1825-0097") == [("e1", "d1", "co_work", True)]
    assert with_people("김연구") == [("e1", "d1", "co_work", False)]
    # a namesake of the listed researcher wrote under the own name: whether it is the person is asked once, as participant
    assert [ground for *_, ground, _ in with_people("김연구", "박공저", names=("김연구",))] == ["participant"]


def test_an_equal_number_is_the_person_and_another_number_a_namesake():
    people = [
        Known("e1", ("김연구",), "가상대학교", frozenset({"orcid:0000-0002-1825-0097"})),
        Known("e2", ("김연구",), "가상대학교", frozenset({"orcid:0000-0001-5109-3700"})),
        Known("e3", ("Kim Yeon-gu",), "", frozenset({"mail:kim@example.org"})),
    ]
    register = Register(people, {})

    def found(**who):
        answer = register.find(Listed(**who))
        return answer.state, answer.ids

    assert found(name="김 연구", identifiers=frozenset({"orcid:0000-0002-1825-0097"})) == ("same", ("e1",))
    assert found(name="김연구", organisation="가상대학교", identifiers=frozenset({"orcid:0000-0001-5109-3700"})) == (
        "same",
        ("e2",),
    )
    assert found(name="김연구", identifiers=frozenset({"orcid:0000-0002-9079-593X"})) == ("nobody", ())
    assert found(name="Yeon Gu KIM", organisation="다른 곳") == ("open", ("e3",))
    assert found(name="다른 이름", identifiers=frozenset({"mail:kim@example.org"})) == ("same", ("e3",))
    assert found(name="최무명") == ("not_computable", ())


def test_an_identifier_is_known_by_its_form_and_its_check_digit():
    assert identifier("0000-0002-1825-0098") == ""  # the check digit does not fit
    assert identifier("국가연구자번호 10012345") == "researcher:10012345"
    assert identifier("김연구") == identifier("") == ""


def test_all_evidence_of_a_ground_is_kept_in_an_order_of_its_own():
    works = [Work(f"w{n}", f"t{n}", year=2025, people=("0000-0002-1825-0097",)) for n in range(3)]
    one, two = (find([dossier()], [expert(works=tuple(each))]) for each in (works, works[::-1]))
    assert one == two
    assert [one[0].evidence["work"], *(piece["work"] for piece in one[0].evidence["more"])] == ["w0", "w1", "w2"]


def test_strangers_meet_on_no_ground():
    dossiers = [Dossier(f"d{n}", f"Maker {n}", "t", listed=(Listed(f"Lead {n}", f"University {n}"),)) for n in range(9)]
    works = (Work("w", "t", people=("Someone Else",)),)
    experts = [Expert(f"e{n}", f"Institute {n}", works=works, names=(f"Person {n}",)) for n in range(9)]
    assert find(dossiers, experts) == []
