"""The links at the head of each page, by role."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from app.i18n import gettext
from app.workflow.actors import Actor

# role → (endpoint, English label); a person with several roles sees them all, each group under its role.
NAV: dict[str, tuple[tuple[str, str], ...]] = {
    "applicant": (("applicant.home", "My dossiers"), ("applicant.designations", "My designations")),
    "panellist": (("panellist.home", "My reviews"),),
    "coordinator": (
        ("coordinator.home", "Calls"),
        ("coordinator.designation_requests", "Requests about designations"),
        ("coordinator.experts", "Experts"),
        ("coordinator.imports", "Import"),
    ),
    "procurement": (
        ("procurement.home", "What is owed"),
        ("procurement.fitness", "Fitness review"),
        ("procurement.editions", "Certified list"),
        ("procurement.requests", "Pilot requests"),
        ("procurement.outcomes", "Outcomes"),
    ),
    "institution": (("institution.home", "Catalogue"), ("institution.requests", "My pilot requests")),
    "committee": (("committee.home", "Committee"),),
    "auditor": (("auditor.journal", "Journal"),),
    "administrator": (
        ("admin.people_list", "People"),
        ("admin.mails", "Mail"),
        ("admin.jobs", "Jobs"),
    ),
    "public": (
        ("public.products", "Designated products"),
        ("public.verify", "Verify a certificate"),
        ("public.notices", "Public notice"),
        ("public.calls", "Calls for applications"),
    ),
}


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    current: bool
    role: str


def items(actor: Actor) -> list[Item]:
    roles = [role for role in NAV if role in actor.roles] or ["public"]
    here = request.endpoint or ""
    known = current_app.view_functions
    return [
        Item(gettext(label), url_for(endpoint), here == endpoint, role)
        for role in roles for endpoint, label in NAV[role] if endpoint in known
    ]


# The pages of one call, in the order of the process: (endpoint, English label); each takes the call's public id as `call_id`.
CALL_TABS: tuple[tuple[str, str], ...] = (
    ("coordinator.call", "Call and rules"),
    ("coordinator.eligibility", "Eligibility"),
    ("coordinator.matching", "Matching"),
    ("coordinator.conflicts", "Conflicts"),
    ("coordinator.panels", "Panels"),
    ("coordinator.scoring", "Scoring"),
    ("coordinator.results", "Results"),
    ("coordinator.notices", "Notice"),
    ("coordinator.committee", "Committee"),
    ("coordinator.list_editions", "List"),
)


OF_A_ROUND = frozenset({"coordinator.matching", "coordinator.panels", "coordinator.scoring", "coordinator.results"})


def call_tabs(call_id: str, round_number: int | None = None) -> list[Item]:
    """The links of a call's pages; those about a round stay with the one that is shown."""
    here = request.endpoint or ""
    return [
        Item(
            gettext(label),
            url_for(endpoint, call_id=call_id, round=round_number if endpoint in OF_A_ROUND else None),
            here == endpoint or here.startswith(f"{endpoint}_"),
            "coordinator",
        )
        for endpoint, label in CALL_TABS if endpoint in current_app.view_functions
    ]
