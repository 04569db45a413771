"""The next in order steps in, and no other seat moves."""

import pytest

from reviewers.errors import NoSubstitute, UnknownId
from reviewers.records import EVERY, Conflict, Expert, Panel, PanelSpec, Seat
from reviewers.replacement import step_in

EXPERTS = {f"e{i}": Expert(f"e{i}", organisation) for i, organisation in enumerate("ABCADE")}
SPEC = PanelSpec("p", ("d1", "d2"), 3, institution_cap=1)
PANEL = Panel(
    "p",
    (Seat("e0", "technology"), Seat("e1", "market"), Seat("e2", "free")),
    substitutes=(Seat("e3", "technology", 0.6), Seat("e4", "technology", 0.5), Seat("e5", "market", 0.55)),
)


def test_the_first_substitute_of_the_type_takes_the_seat_and_nobody_else_moves():
    done = step_in(PANEL, SPEC, "e0", EXPERTS)
    assert [seat.expert_id for seat in done.panel.seats] == ["e3", "e1", "e2"]
    assert [seat.expert_id for seat in done.panel.substitutes] == ["e4", "e5"]


def test_substitutes_who_may_not_or_cannot_come_are_passed_over_with_a_reason():
    conflicts = [Conflict("e3", "d2", "declared", True)]
    done = step_in(PANEL, SPEC, "e0", EXPERTS, conflicts)
    assert (done.seat.expert_id, done.passed_over) == ("e4", (("e3", "conflict"),))
    declined = step_in(PANEL, SPEC, "e0", EXPERTS, unavailable={"e3": "no_answer"})
    assert declined.passed_over == (("e3", "no_answer"),)


def test_a_waivable_conflict_does_not_pass_anybody_over():
    assert step_in(PANEL, SPEC, "e0", EXPERTS, [Conflict("e3", "d1", "co_work", False)]).seat.expert_id == "e3"


def test_a_free_seat_takes_the_best_of_any_type_within_the_institution_cap():
    done = step_in(PANEL, SPEC, "e2", EXPERTS)
    assert (done.seat.expert_id, done.seat.seat_type) == ("e5", "free")
    assert done.passed_over == (("e3", "institution"),)


def test_an_order_used_up_is_an_error_that_names_everybody_passed_over():
    with pytest.raises(NoSubstitute) as caught:
        step_in(PANEL, SPEC, "e1", EXPERTS, unavailable={"e5": "declined"})
    assert caught.value.data["passed_over"] == [["e5", "declined"]]


def test_only_a_seated_expert_can_leave():
    with pytest.raises(UnknownId):
        step_in(PANEL, SPEC, "e4", EXPERTS)


def test_in_a_panel_of_several_dossiers_a_substitute_may_step_out_of_one_while_enough_remain():
    spec = PanelSpec("p", ("d0", "d1"), 2, may_step_out=frozenset({"co_work"}), step_out_most=1)
    panel = Panel("p", (Seat("a", "market"), Seat("b", "market")), (), (Seat("c", "market", 0.9), Seat("d", "market", 0.8)))
    mild = [Conflict(who, "d0", "co_work", True) for who in ("b", "c")]
    assert step_in(panel, spec, "b", {}, mild).seat.expert_id == "c"
    assert step_in(panel, spec, "a", {}, mild).passed_over == (("c", "conflict"),)
    assert step_in(panel, spec, "b", {}, [Conflict("c", "d0", "kin", True)]).seat.expert_id == "d"
    assert step_in(panel, spec, "b", {}, [Conflict("c", EVERY, "co_work", True)]).seat.expert_id == "d"
