"""Who acts: an account with its roles, the platform itself, or the operator at the command line."""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES: dict[str, tuple[str, str]] = {
    "applicant": ("신청기업", "Applicant"),
    "panellist": ("평가위원", "Panellist"),
    "coordinator": ("담당자", "Coordinator"),
    "procurement": ("조달청 담당자", "Procurement officer"),
    "institution": ("수요기관", "Institution"),
    "committee": ("위원회 위원", "Committee member"),
    "auditor": ("감사자", "Auditor"),
    "administrator": ("관리자", "Administrator"),
}


@dataclass(frozen=True)
class Actor:
    """`public_id` is what the journal records; `account_id` is None for the system and the operator."""

    public_id: str
    roles: frozenset[str]
    account_id: int | None = None
    person_id: int | None = None
    expert_id: int | None = None
    organisation_ids: frozenset[int] = field(default_factory=frozenset)  # for applicant and institution
    name: str = ""
    language: str = "ko"

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor("system", frozenset({"system"}), name="system")
OPERATOR = Actor("operator", frozenset({"operator", "coordinator", "administrator", "system"}), name="operator")
NOBODY = Actor("public", frozenset({"public"}), name="")
