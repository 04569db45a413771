"""What to change, at least, when some seats or quotas could not be met: data for a page that offers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewers.assignment import Assignment, assign
from reviewers.checking import Shortfall
from reviewers.records import AffinityTable, Conflict, Expert, PanelSpec

_HIGHEST_STEP = 3  # further than three more panels per expert nobody wants to go


@dataclass(frozen=True, slots=True)
class Change:
    """One way to make the panels complete, or at least to mend one rule.

    `kind`: "load_cap" or "institution_cap" (raise it to `amount`; mends everything), "experts" (`amount` more of this
    attribute's value, without conflicts; mends this rule), "waive" (leave this rule aside in the panels; `amount` seats).
    """

    kind: str
    amount: int
    attribute: str | None
    value: str | None
    panel_ids: tuple[str, ...]


def changes(
    result: Assignment,
    specs: Sequence[PanelSpec],
    experts: Sequence[Expert],
    affinity: AffinityTable,
    conflicts: Iterable[Conflict] = (),
    *,
    load_cap: int,
    taken: Mapping[str, int] | None = None,
) -> tuple[Change, ...]:
    """Every smallest change that would mend the shortfalls of a result made from the same input; () when there are none.

    Higher caps are tried by solving again, so what is offered is known to work. Empty seats and quotas are told apart:
    `attribute` None stands for seats that nobody could take.
    """
    if not result.shortfalls:
        return ()
    known = list(conflicts)
    concerned = tuple(dict.fromkeys(short.panel_id for short in result.shortfalls))

    def mends(tried: Sequence[PanelSpec], cap: int) -> bool:
        again = assign(tried, experts, affinity, known, load_cap=cap, seed=result.seed, taken=taken, method=result.method)
        return not again.shortfalls

    found = []
    for cap in range(load_cap + 1, load_cap + 1 + _HIGHEST_STEP):
        if mends(specs, cap):
            found.append(Change("load_cap", cap, None, None, concerned))
            break
    caps = {spec.institution_cap for spec in specs if spec.institution_cap is not None}
    for cap in range(max(caps) + 1, max(caps) + 1 + _HIGHEST_STEP) if caps else ():
        if mends([replace(s, institution_cap=max(cap, s.institution_cap or cap)) for s in specs], load_cap):
            found.append(Change("institution_cap", cap, None, None, concerned))
            break
    return tuple(found + _by_rule(result.shortfalls, load_cap))


def _by_rule(shortfalls: Sequence[Shortfall], load_cap: int) -> list[Change]:
    missing: dict[tuple[str | None, str | None], Counter[str]] = {}
    for short in shortfalls:
        missing.setdefault((short.attribute, short.value), Counter())[short.panel_id] += short.needed - short.got
    found = []
    for (attribute, value), by_panel in missing.items():
        seats, panels = by_panel.total(), tuple(by_panel)
        # Each newcomer takes one seat per panel and at most load_cap panels.
        people = max(max(by_panel.values()), -(-seats // max(load_cap, 1)))
        found.append(Change("experts", people, attribute, value, panels))
        found.append(Change("waive", seats, attribute, value, panels))
    return found
