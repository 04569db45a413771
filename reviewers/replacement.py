"""Who steps in when a panellist leaves: the next in the published order, without touching any other seat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reviewers.batches import Bars
from reviewers.errors import NoSubstitute, UnknownId
from reviewers.organisations import organisation_key
from reviewers.records import Conflict, Expert, Panel, PanelSpec, Seat
from reviewers.seat_types import FREE


@dataclass(frozen=True, slots=True)
class Replacement:
    """The new panel, the seat taken, and who was passed over with the reason's code, in order."""

    panel: Panel
    seat: Seat
    passed_over: tuple[tuple[str, str], ...]


def step_in(
    panel: Panel,
    spec: PanelSpec,
    leaving_id: str,
    experts: Mapping[str, Expert],
    conflicts: Iterable[Conflict] = (),
    *,
    unavailable: Mapping[str, str] | None = None,
) -> Replacement:
    """Replace one panellist by the next substitute for the same seat type; a free seat takes any type.

    `experts` by id. `unavailable` maps experts who cannot come to a code that the journal keeps ("declined", "no_answer",
    "full"). Passed over as well: "conflict" that bars from the panel, or from a dossier that too many are out of already,
    "institution" above its cap, "seated".
    Raises UnknownId when `leaving_id` does not sit here, NoSubstitute when the order is used up.

    >>> panel = Panel("p", (Seat("a", "market"),), substitutes=(Seat("b", "market", .7), Seat("c", "market", .6)))
    >>> done = step_in(panel, PanelSpec("p", ("d",), 1), "a", {}, unavailable={"b": "declined"})
    >>> done.seat.expert_id, done.passed_over
    ('c', (('b', 'declined'),))
    """
    place = next((i for i, seat in enumerate(panel.seats) if seat.expert_id == leaving_id), None)
    if place is None:
        raise UnknownId(kind="seat", id=leaving_id)
    seat_type = panel.seats[place].seat_type
    staying = [seat for i, seat in enumerate(panel.seats) if i != place]
    bars = Bars(conflicts)
    passed: list[tuple[str, str]] = []
    for substitute in _order(panel, seat_type):
        code = (unavailable or {}).get(substitute.expert_id) or _obstacle(substitute, staying, spec, experts, bars)
        if code:
            passed.append((substitute.expert_id, code))
            continue
        seat = replace(substitute, seat_type=seat_type)
        seats = (*panel.seats[:place], seat, *panel.seats[place + 1 :])
        gone = {substitute.expert_id, *(expert_id for expert_id, _ in passed)}
        left = tuple(other for other in panel.substitutes if other.expert_id not in gone)
        return Replacement(replace(panel, seats=seats, substitutes=left), seat, tuple(passed))
    raise NoSubstitute(panel=panel.spec_id, passed_over=[list(entry) for entry in passed])


def _order(panel: Panel, seat_type: str | None) -> list[Seat]:
    """Substitutes for this type as ranked; for a free seat the others follow by affinity."""
    own = [seat for seat in panel.substitutes if seat.seat_type == seat_type]
    if seat_type != FREE.code:
        return own
    others = [seat for seat in panel.substitutes if seat.seat_type != seat_type]
    return own + sorted(others, key=lambda seat: (-seat.affinity, seat.expert_id))


def _obstacle(seat: Seat, staying: list[Seat], spec: PanelSpec, experts: Mapping[str, Expert], bars: Bars) -> str | None:
    if any(other.expert_id == seat.expert_id for other in staying):
        return "seated"
    out = bars.steps_out(spec, seat.expert_id)
    if out is None:
        return "conflict"
    stayed = [bars.steps_out(spec, other.expert_id) or () for other in staying]
    if any(sum(dossier_id in others for others in stayed) >= spec.step_out_most for dossier_id in out):
        return "conflict"
    if spec.institution_cap is not None and (own := _organisation(seat, experts)):
        same = sum(_organisation(other, experts) == own for other in staying)
        if same >= spec.institution_cap:
            return "institution"
    return None


def _organisation(seat: Seat, experts: Mapping[str, Expert]) -> str:
    return organisation_key(experts[seat.expert_id].organisation) if seat.expert_id in experts else ""
