"""From the R&D project over its rights to the product: what justifies a direct contract, on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.documents import dossier
from app.documents.dossier import Shown
from app.errors import NotFound
from app.workflow import dossiers, permissions
from app.workflow.actors import Actor

# The links of the chain in their order: heading ko, heading en, the places that make it.
LINKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "연구개발 과제",
        "R&D project",
        (
            "rnd.title", "rnd.ntis_project_no", "rnd.agency_no", "rnd.ministry", "rnd.programme", "rnd.agency",
            "rnd.lead_institution", "rnd.principal_investigator", "rnd.started_on", "rnd.ended_on", "rnd.result",
        ),
    ),
    (
        "과제와 기업",
        "Project and company",
        ("rnd.link_type", "rnd.provider", "rnd.provider_kind", "rnd.contract_on", "rnd.contract_until"),
    ),
    ("지식재산", "Intellectual property", ("rights.ip", "rights.dispute")),
    (
        "제품",
        "Product",
        ("product.name_ko", "product.name_en", "product.models", "product.detail_item_no", "product.item_ids", "product.trl"),
    ),
    ("인증", "Certificates", ("rights.certificates",)),
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """One link of the chain; without anything shown the chain is broken there, and the page says so."""

    name: Mapping[str, str]
    shown: Sequence[Shown]


@dataclass(frozen=True)
class Lineage:
    public_id: str
    number: str
    title: str
    call: Mapping[str, str]
    organisation: str
    language: str
    version: int
    at: datetime
    filed: bool
    links: tuple[Link, ...]


def one(session: Session, public_id: str, *, actor: Actor) -> Lineage:
    """Applicants read it as it is being written; everybody else as it was filed, and a draft does not exist for them."""
    row = dossiers.find(session, public_id)
    permissions.require(actor, "application.read", row)
    follows = permissions.may(actor, "application.follow", row)
    if not follows and row.status in ("draft", "withdrawn"):
        raise NotFound("not_found")
    writing = follows and row.status in ("draft", "supplement")
    version = dossiers.latest(session, row) if writing else dossiers.counting(session, row)
    return Lineage(
        public_id=row.public_id,
        number=row.filed_number,
        title=dossier.title(version.content),
        call={"ko": row.call.title_ko, "en": row.call.title_en},
        organisation=row.organisation.name,
        language=row.language,
        version=version.version,
        at=version.at,
        filed=version.filed,
        links=tuple(Link({"ko": ko, "en": en}, _shown(version.content, places)) for ko, en, places in LINKS),
    )


def _shown(content: Mapping[str, Any], places: Sequence[str]) -> list[Shown]:
    found = {f"{part.section.key}.{s.field.name}": s for part in dossier.full_view(content) for s in part.fields}
    return [found[place] for place in places if place in found]
