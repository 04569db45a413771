"""The one policy: which role may do what, and to whose things. Deny unless a line here allows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.errors import NotAllowed, NotFound
from app.workflow.actors import Actor

Relation = Callable[[Actor, Any], bool]


def _owns_application(actor: Actor, row: Any) -> bool:
    return (actor.account_id is not None and row.owner_id == actor.account_id) or row.organisation_id in actor.organisation_ids


def _writes_application(actor: Actor, row: Any) -> bool:
    return _owns_application(actor, row) or any(m.role == "editor" for m in _memberships(actor, row))


def _follows_application(actor: Actor, row: Any) -> bool:
    return _owns_application(actor, row) or bool(_memberships(actor, row))


def _memberships(actor: Actor, row: Any) -> list[Any]:
    """What the actor is to this dossier besides owner or colleague: an open line among its co-applicants."""
    return [m for m in row.members if m.ended_at is None and m.account_id == actor.account_id and actor.account_id is not None]


def _holds_seat(actor: Actor, row: Any) -> bool:
    return actor.expert_id is not None and row.expert_id == actor.expert_id


def _holds_sheet(actor: Actor, row: Any) -> bool:
    return _holds_seat(actor, row.seat)


def _holds_designation(actor: Actor, row: Any) -> bool:
    """Whoever belongs to its holder; the applicant only as long as it was not transferred."""
    kept = row.organisation_id == row.application.organisation_id
    return row.organisation_id in actor.organisation_ids or (kept and _owns_application(actor, row.application))


def _asked_of_designation(actor: Actor, row: Any) -> bool:
    """The holder's; whoever filed it goes on reading it after a transfer."""
    return _holds_designation(actor, row.designation) or (actor.account_id is not None and row.filed_by_id == actor.account_id)


def _asked_for_pilot(actor: Actor, row: Any) -> bool:
    return row.institution_id in actor.organisation_ids


def _in_pilot(actor: Actor, row: Any) -> bool:
    return _asked_for_pilot(actor, row.request)


def _supplies_pilot(actor: Actor, row: Any) -> bool:
    return _holds_designation(actor, row.request.designation)


def _filed_objection(actor: Actor, row: Any) -> bool:
    return actor.account_id is not None and row.filed_by_id == actor.account_id


def _filed_challenge(actor: Actor, row: Any) -> bool:
    return _owns_application(actor, row.application)


def _any(_actor: Actor, _row: Any) -> bool:
    return True


# The roles that act only on what is theirs, and how a thing is theirs. A pair that is absent is not theirs at all.
RELATIONS: dict[tuple[str, str], Relation] = {
    ("applicant", "application"): _owns_application,
    ("applicant", "designation"): _holds_designation,
    ("applicant", "designation_request"): _asked_of_designation,
    ("applicant", "pilot"): _supplies_pilot,
    ("applicant", "objection"): _filed_objection,
    ("applicant", "challenge"): _filed_challenge,
    ("panellist", "seat"): _holds_seat,
    ("panellist", "invitation"): _holds_seat,
    ("panellist", "conflict"): _holds_seat,
    ("panellist", "sheet"): _holds_sheet,
    ("panellist", "application"): _any,  # moves of a panel are guarded by `is_chair`; reading by queries.panellist
    ("institution", "pilot_request"): _asked_for_pilot,
    ("institution", "pilot"): _in_pilot,
}
# Verbs for which somebody need not own the thing: a co-applicant writes as editor, reads as either.
WIDER: dict[tuple[str, str], Relation] = {
    ("application.edit", "application"): _writes_application,
    ("application.follow", "application"): _follows_application,
    ("application.read", "application"): _follows_application,
}
OWN_ONLY = frozenset({"applicant", "panellist", "institution"})

# What each verb that is not a move of the workflow needs; moves carry their roles in transitions.py.
PERMISSIONS: dict[str, frozenset[str]] = {
    "account.invite": frozenset({"administrator"}),
    "account.disable": frozenset({"administrator"}),
    "account.end_session": frozenset({"administrator"}),
    "role.give": frozenset({"administrator"}),
    "role.end": frozenset({"administrator"}),
    "mail.read": frozenset({"administrator"}),
    "promise.revive": frozenset({"administrator"}),
    "experts.import": frozenset({"coordinator", "administrator"}),
    "dossiers.import": frozenset({"coordinator"}),
    "experts.read": frozenset({"coordinator", "administrator", "auditor"}),
    "call.read": frozenset({"coordinator", "procurement", "committee", "auditor"}),
    "call.create": frozenset({"coordinator"}),
    "call.edit": frozenset({"coordinator"}),
    "call.extend": frozenset({"coordinator"}),
    "application.create": frozenset({"applicant"}),
    "application.edit": frozenset({"applicant"}),  # write the dossier
    "application.follow": frozenset({"applicant"}),  # see it as one of its applicants
    "application.file": frozenset({"applicant"}),  # submit, withdraw, share, hand over: the owner and the company only
    "filing.pin": frozenset({"system"}),
    "application.read": frozenset({"system", "operator", "applicant", "coordinator", "procurement", "committee", "auditor"}),
    "eligibility.screen": frozenset({"system", "coordinator"}),
    "eligibility.settle": frozenset({"coordinator"}),
    "matching.order": frozenset({"coordinator"}),
    "matching.record": frozenset({"system"}),
    "matching.edit": frozenset({"coordinator"}),
    "suggestion.record": frozenset({"system"}),
    "suggestion.order": frozenset({"coordinator"}),
    "matching.read": frozenset({"coordinator", "auditor"}),
    "conflict.read": frozenset({"coordinator", "auditor"}),
    "conflict.decide": frozenset({"coordinator"}),
    "conflict.ask": frozenset({"coordinator"}),
    "conflict.answer": frozenset({"panellist"}),
    "conflict.check": frozenset({"coordinator", "operator"}),
    "invitation.send": frozenset({"coordinator"}),
    "invitation.answer": frozenset({"panellist"}),
    "panel.start": frozenset({"coordinator", "system"}),
    "panel.appoint": frozenset({"coordinator"}),
    "sheet.write": frozenset({"panellist"}),
    "round.calibrate": frozenset({"coordinator", "system"}),
    "deliberation.draft": frozenset({"panellist"}),
    "deliberation.answer": frozenset({"panellist"}),
    "deliberation.confirm": frozenset({"panellist"}),
    "inspection.record": frozenset({"coordinator"}),
    "draw.hold": frozenset({"coordinator"}),
    "draw.read": frozenset({"coordinator", "auditor"}),
    "lottery.hold": frozenset({"coordinator"}),
    "lottery.read": frozenset({"coordinator", "auditor"}),
    "minutes.read": frozenset({"panellist", "coordinator", "auditor"}),
    "fitness.review": frozenset({"procurement"}),
    "fitness.answer": frozenset({"applicant"}),
    "notice.publish": frozenset({"coordinator"}),
    "notice.object": frozenset(
        {"public", "applicant", "panellist", "coordinator", "procurement", "institution", "committee", "auditor", "administrator"}
    ),
    "objection.file": frozenset({"applicant"}),
    "committee.convene": frozenset({"coordinator"}),
    "committee.opine": frozenset({"committee"}),
    "list.publish": frozenset({"coordinator", "system"}),
    "list.receive": frozenset({"procurement"}),
    "budget.set": frozenset({"procurement"}),
    "pilot_request.write": frozenset({"institution"}),
    "pilot_request.read": frozenset({"institution", "procurement", "auditor"}),
    "pilot.read": frozenset({"applicant", "institution", "procurement", "auditor"}),
    "pilot_request.rank": frozenset({"procurement"}),
    "pilot.report": frozenset({"institution"}),
    "designation.read": frozenset({"applicant", "coordinator", "procurement", "institution", "committee", "auditor"}),
    "designation.request": frozenset({"applicant"}),
    "designation.name_family": frozenset({"coordinator"}),
    "designation_request.read": frozenset({"applicant", "coordinator", "auditor"}),
    "designation_request.queue": frozenset({"coordinator", "auditor"}),
    "outcome.record": frozenset({"procurement", "institution", "applicant"}),
    "journal.read": frozenset({"auditor"}),
    "journal.verify": frozenset({"auditor", "operator"}),
    "decision.explain": frozenset({"coordinator", "auditor"}),
    "run.verify": frozenset({"coordinator", "auditor", "operator"}),
}


def acting_role(actor: Actor, roles: frozenset[str], kind: str = "", row: Any = None, verb: str = "") -> str | None:
    """The first of the actor's roles that allows the act on this row, or None."""
    for role in sorted(actor.roles & roles):
        if role not in OWN_ONLY or row is None:
            return role
        relation = RELATIONS.get((role, kind))
        if role == "applicant":
            relation = WIDER.get((verb, kind), relation)
        if relation is not None and relation(actor, row):
            return role
    return None


def may(actor: Actor, verb: str, row: Any = None) -> bool:
    return acting_role(actor, PERMISSIONS[verb], _kind(row), row, verb) is not None


def require(actor: Actor, verb: str, row: Any = None) -> str:
    """The role acted in. Somebody else's thing does not exist for you: NotFound; a verb not yours: NotAllowed."""
    allowed = PERMISSIONS[verb]
    role = acting_role(actor, allowed, _kind(row), row, verb)
    if role is not None:
        return role
    if row is not None and actor.roles & allowed:
        raise NotFound("not_found")
    raise NotAllowed("not_allowed", verb=verb)


def _kind(row: Any) -> str:
    return "" if row is None else str(row.__tablename__)
