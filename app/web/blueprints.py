"""The user groups' blueprints, in the order of the process."""

from flask import Blueprint

from app.web import health
from app.web.account.routes import blueprint as account
from app.web.admin.routes import blueprint as admin
from app.web.applicant.routes import blueprint as applicant
from app.web.auditor.routes import blueprint as auditor
from app.web.committee.routes import blueprint as committee
from app.web.coordinator.routes import blueprint as coordinator
from app.web.institution.routes import blueprint as institution
from app.web.panellist.routes import blueprint as panellist
from app.web.procurement.routes import blueprint as procurement
from app.web.public.routes import blueprint as public

ALL: tuple[Blueprint, ...] = (
    health.blueprint,
    public,
    account,
    applicant,
    panellist,
    coordinator,
    procurement,
    institution,
    committee,
    auditor,
    admin,
)
