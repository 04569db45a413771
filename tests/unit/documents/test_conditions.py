"""What is asked for depends on what was answered: the same rule for fields, columns and file slots."""

from __future__ import annotations

from typing import Any

import pytest

from app.documents import conditions, dossier
from app.documents.fields import When
from app.documents.form import SECTIONS, SLOTS
from tests.dossiers import FULL, dossier_with

HELD = {"D02", "D03"}


def lacking(files: set[str] | None = None, **changed: Any) -> set[str]:
    content = dossier_with(**changed)
    return {p.place for p in dossier.missing(content, files or HELD, dossier.demanded({}, content))}


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"rnd__link_type": "transfer"}, {"rnd.provider", "rnd.provider_kind", "rnd.contract_on", "D05"}),
        ({"rnd__link_type": "licence"}, {"rnd.provider", "rnd.provider_kind", "rnd.contract_on", "D05"}),
        ({"rnd__link_type": "joint"}, set()),
        ({"product__is_ai": True}, {"product.ai_data", "narrative.ai_reliability", "narrative.ai_suitability", "D16"}),
        ({"product__partners": ["가상정밀"]}, {"product.partner_work", "D11"}),
        ({"product__is_software": True}, {"product.software_delivery"}),
        ({"product__is_lease": True}, {"product.lease_krw", "product.lease_months"}),
        ({"pilot_plan__overseas": True}, {"pilot_plan.countries"}),
        ({"rights__ip": [{"kind": "patent", "number": "10-1"}]}, {"D06"}),
        ({"rights__certificates": [{"kind": "KC", "number": "1"}]}, {"D08"}),
        ({"rights__certificates": [{"kind": "test_report", "number": "1"}]}, set()),
        ({"rights__certificates": [{"kind": "other", "number": "1"}]}, {"rights.certificates.0.name"}),
        ({"rights__certificates": [{"kind": "NEP", "number": "1"}]}, {"rights.certificates.0.valid_until"}),
    ],
)
def test_an_answer_asks_for_exactly_what_follows_from_it(changed: dict[str, Any], asked: set[str]) -> None:
    assert lacking(**changed) == asked


def test_what_was_written_before_an_answer_changed_stays_but_no_longer_counts() -> None:
    long_ago = {"rnd__provider": "가상대학교", "rnd__contract_on": "1.4.2024", "rnd__link_type": "own"}
    content = dossier_with(**long_ago)
    assert dossier.check(content) == []  # a date in another form would be wrong if it were asked for
    seen = {f"{v.section.key}.{s.field.name}" for v in dossier.full_view(content) for s in v.fields}
    assert "rnd.provider" not in seen
    again = dossier_with(**{**long_ago, "rnd__link_type": "transfer"})
    assert ("rnd.contract_on", "dossier.not_a_date") in {(p.place, p.code) for p in dossier.check(again)}


def test_a_call_may_leave_the_conditional_slots_to_its_eligibility_rules() -> None:
    content = dossier_with(product__is_ai=True, rnd__link_type="transfer")
    assert dossier.demanded({"conditional_slots": ["D05"]}, content) == ("D02", "D03", "D05")


def test_a_wrong_check_digit_asks_for_a_reason_and_with_one_only_warns() -> None:
    wrong = dossier_with(company__business_no="123-45-67890")
    place = next(f for f in SECTIONS[0].fields if f.name == "business_no_reason")
    assert not conditions.asked(place, FULL) and conditions.asked(place, wrong)
    assert [(p.code, p.hard) for p in dossier.check(wrong)] == [("id.check_digit", True)]
    wrong["company"]["business_no_reason"] = "등록증에 적힌 번호 그대로입니다."
    assert [(p.code, p.hard) for p in dossier.check(wrong)] == [("id.overridden", False)]
    short = dossier_with(company__business_no="123-45", company__business_no_reason="사유")
    assert [(p.code, p.hard) for p in dossier.check(short)] == [("id.ten_digits", True)]  # no reason makes nine digits ten


def test_a_supplement_opens_what_follows_from_the_fields_it_names() -> None:
    assert dossier.reopened(["rnd.link_type"]) == {
        "rnd.link_type", "rnd.provider", "rnd.provider_kind", "rnd.contract_on", "rnd.contract_until", "D05",
    }  # fmt: skip
    assert dossier.reopened(["rights.ip"]) == {"rights.ip", "D06"}


def test_every_condition_reads_a_place_of_the_form_and_values_it_can_have() -> None:
    fields = {f"{s.key}.{f.name}": f for s in SECTIONS for f in s.fields}
    whens = [f.when for f in fields.values() if f.when] + [slot.when for slot in SLOTS if slot.when]
    assert len(whens) > 15
    for when in whens:
        named = fields[when.place]
        if when.column:
            named = {c.name: c for c in named.columns}[when.column]
        if named.kind == "choice":
            assert set(when.among) <= {c.key for c in named.choices}, when
        assert named.kind != "flag" or when.among == (True,), when
    for f in fields.values():
        for column in f.columns:
            if column.when:
                assert set(column.when.among) <= {c.key for c in {c.name: c for c in f.columns}[column.when.place].choices}


def test_no_condition_always_holds_and_nothing_entered_is_no_answer() -> None:
    assert conditions.holds(None, {})
    assert not conditions.holds(When("product.partners"), {})
    assert not conditions.holds(When("product.is_ai", (True,)), {"product": {}})
