"""What a call decides, with the defaults of the programme; pinned on the call, versioned, never a constant in code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from app.errors import Invalid
from app.workflow.facts import FACTS, SIZE_FACTS
from app.workflow.regions import CAPITAL, REGIONS


@dataclass(frozen=True)
class SeatQuota:
    """At least and at most so many seats whose `attribute` has `value`."""

    attribute: str  # seat_type, sector, region, capital
    value: str
    least: int = 0
    most: int | None = None


@dataclass(frozen=True)
class Rules:
    # panels
    panel_mode: str = "per_dossier"
    seating: str = "randomised"  # randomised, optimal, drawn
    once_in: int = 2  # randomised: no pair is seated with a higher chance than one in so many
    fairness: str = "floor"  # floor, leximin, none
    leximin_pct: int = 10  # leximin: so many of a hundred panels, the worst served, rise in turn
    panel_seats: int = 7
    quorum: int = 5
    quotas: tuple[SeatQuota, ...] = (
        SeatQuota("seat_type", "technology", 4),
        SeatQuota("seat_type", "market", 1),
        SeatQuota("seat_type", "procurement", 1),
    )
    institution_cap: int = 2
    load_max: int = 10
    year_max: int = 0  # dossiers of one person in all calls that close in one calendar year; 0: no limit
    rest_after: int = 0  # whoever sat in so many calls in a row rests in the next; 0: nobody does
    outside_least: int = 0  # wanted, no rule: seats of each panel for people from outside the capital region
    outside_pct: int = 0  # the same as a share of all seats of a run
    newcomer_pct: int = 0  # wanted: share of all seats for people who never judged before
    target_price: int = 5  # hundredths of affinity that one more seat towards such a target may cost
    capital_regions: tuple[str, ...] = CAPITAL
    panel_max: int = 10
    known_by: int = 2  # batch: members who know each dossier of the panel
    known_pct: int = 35  # batch: the affinity in hundredths from which an expert knows a dossier
    judges_least: int = 6  # batch: members who judge a dossier, at least, for another to step out of it
    step_out_grounds: tuple[str, ...] = ("adviser", "co_work", "same_institution")
    review_links: str = "connected"  # what panels share panellists for: none (only reported), connected, share
    link_pct: int = 15  # share: seats in a hundred held by people who mostly judge another sub-field
    substitutes: int = 2
    draw_pool: int = 10  # drawn: the list of a seat type holds so many times its seats, the nearest of those who may sit
    draw_multiple: int = 3  # drawn: so many times the seats are drawn in order, seats first, then substitutes
    invitation_days: int = 7
    pledge_days: int = 3
    reading_days: int = 7
    # conflicts
    conflict_years: int = 3
    sanction_years: int = 3
    conflicts_off: tuple[str, ...] = ()  # grounds that this call does not apply
    names_shown: str = "decision"  # when the applicant reads who is on the panel: decision, interview, review
    challenge_days: int = 3  # so long a member who was named may be challenged
    # eligibility
    eligibility_on: tuple[str, ...] = ("E01", "E02", "E03", "E04", "E05", "E06", "E07", "E10", "E11", "E17")
    company_sizes: tuple[str, ...] = ("sme",)
    rnd_ministries: tuple[str, ...] = ("MSIT",)
    rnd_results: tuple[str, ...] = ("success",)
    links: tuple[str, ...] = ("own", "transfer")
    window_years: int = 5
    window_reference: str = "closing_date"
    trl_min: int = 7
    partner_max: int = 3
    supplement_days: int = 7
    supplement_rounds: int = 1
    grace_seconds: int = 0
    revive_until: str = "closing"  # until when a withdrawn dossier may come back as a draft: closing, never
    # scoring
    blind: str = "none"  # whose names panellists do not read while they mark: none, persons, all
    pass_mark: str = "70.00"
    aggregate: str = "mean"
    calibrate: str = "F"
    apply_if: str = "auto"
    calibration_cap: int = 10
    borderline_pct: int = 20
    deviation_pct: int = 10
    decimals: int = 2
    order: str = "together"  # together, gates_first: gates, then cut-lines, then the total
    bonuses: Mapping[str, int] = field(default_factory=dict)  # points by fact of the dossier
    bonus_most: int = 5
    pass_marks: Mapping[str, int] = field(default_factory=dict)  # another pass mark by company size
    cut_lines_off: tuple[str, ...] = ()  # facts that exempt from the cut-lines
    disclosed: tuple[str, ...] = ("criteria", "opinion", "sheets", "comments", "panellists", "average")  # in the result letter
    # after the panel
    interview: bool = False
    site_check: bool = False
    fitness_answer_days: int = 14
    notice_days: int = 14
    objection_days: int = 30
    answer_days: int = 14
    answer_extra_days: int = 10
    validity_years: int = 3
    extension_years: tuple[int, ...] = (1, 2)
    extension_window_days: int = 180
    reminder_days: tuple[int, ...] = (180, 90, 30)
    request_days: int = 30
    cancel_notice_days: int = 10
    number_pattern: str = "MSIT-{year}-{serial:04d}"
    # pilot purchase
    pilot_months: int = 12
    small_pilot_krw: int = 50_000_000
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


SEATS_MOST = 15
STEP_OUT = ("adviser", "co_work", "same_institution")  # grounds that may cost one dossier of a batch; any other bars from the panel
DISCLOSABLE = ("criteria", "opinion", "sheets", "comments", "panellists", "average")
NAMES_SHOWN = ("decision", "interview", "review")
EXTENSIONS_MOST = 3  # as many as have a name
SCORING_CHOICES = {
    "aggregate": ("mean", "trimmed", "median"),
    "calibrate": ("F", "none"),
    "apply_if": ("auto", "always", "lrt"),
    "order": ("together", "gates_first"),
}
FACTS_NAMED: dict[str, Iterable[str]] = {"bonuses": FACTS, "pass_marks": SIZE_FACTS, "cut_lines_off": FACTS}
LISTS = (
    "conflicts_off", "step_out_grounds", "eligibility_on", "company_sizes", "rnd_ministries", "rnd_results", "links",
    "extension_years", "reminder_days", "disclosed", "cut_lines_off", "capital_regions",
)  # fmt: skip


def from_json(stored: Mapping[str, Any]) -> Rules:
    """The rules as pinned; a key this version does not know stays in `extra` instead of being lost."""
    known = {f.name for f in fields(Rules)} - {"extra"}
    values: dict[str, Any] = {k: v for k, v in stored.items() if k in known}
    values["quotas"] = tuple(SeatQuota(**dict(q)) for q in stored.get("quotas", ()))
    values |= {name: tuple(values[name]) for name in LISTS if name in values}
    extra = dict(stored.get("extra", {})) | {k: v for k, v in stored.items() if k not in known and k != "extra"}
    return Rules(**values, extra=extra)


def after_scoring(rules: Rules, status: str) -> str:
    """Where the switches of the call send an application once its marks are in."""
    if status == "in_review" and rules.interview:
        return "interview"
    if status in ("in_review", "interview") and rules.site_check:
        return "site_check"
    return "panel_deliberation"


def check(rules: Rules) -> None:
    """Raise Invalid with one problem for each field whose value cannot work."""
    problems: dict[str, str] = {}
    if not 1 <= rules.panel_seats <= SEATS_MOST:
        problems["panel_seats"] = "rules.seats_range"
    if not 1 <= rules.quorum <= rules.panel_seats:
        problems["quorum"] = "rules.quorum_range"
    if sum(q.least for q in rules.quotas if q.attribute == "seat_type") > rules.panel_seats:
        problems["quotas"] = "rules.quotas_exceed_seats"
    if any(q.most is not None and q.most < q.least for q in rules.quotas):
        problems["quotas"] = "rules.quota_most_below_least"
    for name in ("institution_cap", "load_max", "panel_max", "invitation_days", "pledge_days", "challenge_days", "validity_years",
                 "request_days"):  # fmt: skip
        if getattr(rules, name) < 1:
            problems[name] = "rules.at_least_one"
    for name in ("year_max", "rest_after"):
        if getattr(rules, name) < 0:
            problems[name] = "rules.not_negative"
    if not 0 <= rules.outside_least <= rules.panel_seats:
        problems["outside_least"] = "rules.outside_range"
    for name in ("outside_pct", "newcomer_pct"):
        if not 0 <= getattr(rules, name) <= 100:
            problems[name] = "rules.share_range"
    if not 1 <= rules.target_price <= 100:
        problems["target_price"] = "rules.target_price_range"
    if set(rules.capital_regions) - set(REGIONS):
        problems["capital_regions"] = "rules.unknown_choice"
    for name in ("extension_years", "reminder_days"):
        if any(n < 1 for n in getattr(rules, name)):
            problems[name] = "rules.at_least_one"
    if len(rules.extension_years) > EXTENSIONS_MOST:
        problems["extension_years"] = "rules.extensions_most"
    if rules.panel_mode not in ("per_dossier", "batch"):
        problems["panel_mode"] = "rules.unknown_choice"
    if rules.seating not in ("randomised", "optimal", "drawn"):
        problems["seating"] = "rules.unknown_choice"
    if rules.seating == "randomised" and len({q.attribute for q in rules.quotas}) > 1:
        problems["seating"] = "rules.randomised_one_attribute"
    if rules.seating == "drawn" and {q.attribute for q in rules.quotas} - {"seat_type"}:
        problems["seating"] = "rules.drawn_seat_types"
    if not 1 <= rules.draw_multiple <= rules.draw_pool <= 50:
        problems["draw_pool"] = "rules.draw_range"
    if rules.fairness not in ("floor", "leximin", "none"):
        problems["fairness"] = "rules.unknown_choice"
    if not 1 <= rules.leximin_pct <= 100:
        problems["leximin_pct"] = "rules.leximin_pct_range"
    if not 2 <= rules.once_in <= 5:
        problems["once_in"] = "rules.once_in_range"
    if rules.names_shown not in NAMES_SHOWN:
        problems["names_shown"] = "rules.unknown_choice"
    if rules.review_links not in ("none", "connected", "share"):
        problems["review_links"] = "rules.unknown_choice"
    if not 1 <= rules.link_pct <= 50:
        problems["link_pct"] = "rules.link_pct_range"
    if not 0 <= rules.known_by <= SEATS_MOST:
        problems["known_by"] = "rules.known_by_range"
    if not 1 <= rules.known_pct <= 100:
        problems["known_pct"] = "rules.known_pct_range"
    if rules.judges_least < 1:
        problems["judges_least"] = "rules.at_least_one"
    if set(rules.step_out_grounds) - set(STEP_OUT):
        problems["step_out_grounds"] = "rules.unknown_choice"
    if rules.revive_until not in ("closing", "never"):
        problems["revive_until"] = "rules.unknown_choice"
    if rules.blind not in ("none", "persons", "all"):
        problems["blind"] = "rules.unknown_choice"
    if rules.grace_seconds < 0:
        problems["grace_seconds"] = "rules.not_negative"
    if set(rules.disclosed) - set(DISCLOSABLE):
        problems["disclosed"] = "rules.unknown_choice"
    for name, choices in SCORING_CHOICES.items():
        if getattr(rules, name) not in choices:
            problems[name] = "rules.unknown_choice"
    for name, known in FACTS_NAMED.items():
        if set(getattr(rules, name)) - set(known):
            problems[name] = "rules.unknown_choice"
    if not all(1 <= n <= 20 for n in rules.bonuses.values()):
        problems["bonuses"] = "rules.bonus_range"
    if not 0 <= rules.bonus_most <= 20:
        problems["bonus_most"] = "rules.bonus_range"
    if not all(0 <= n <= 100 for n in rules.pass_marks.values()):
        problems["pass_marks"] = "rules.mark_range"
    if not 0 <= rules.calibration_cap <= 100:
        problems["calibration_cap"] = "rules.cap_range"
    if not 0 <= rules.borderline_pct <= 50:
        problems["borderline_pct"] = "rules.borderline_range"
    try:
        if not 0 <= float(rules.pass_mark) <= 100:
            problems["pass_mark"] = "rules.mark_range"
    except ValueError:
        problems["pass_mark"] = "rules.mark_range"
    if problems:
        raise Invalid("rules.invalid", problems=problems)
