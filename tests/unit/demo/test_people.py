"""The demonstration's accounts reach every role, twice where a second person must confirm."""

from collections import Counter

from app.demo.people import accounts
from app.workflow.actors import ROLES


def test_every_role_has_an_account_and_double_checked_roles_have_two() -> None:
    held = Counter(role.name for account in accounts() for role in account.roles)
    assert set(held) == set(ROLES)
    assert held["coordinator"] == held["procurement"] == held["committee"] == 2
    assert held["panellist"] == 3 and held["institution"] >= 2


def test_sign_in_names_are_unique_and_fictitious_and_both_languages_are_used() -> None:
    mails = [account.mail for account in accounts()]
    assert len(mails) == len(set(mails))
    assert all(mail.endswith("@ppir.example") for mail in mails)
    assert {account.language for account in accounts()} == {"ko", "en"}


def test_people_who_act_for_an_organisation_name_it() -> None:
    for account in accounts():
        for role in account.roles:
            assert (role.organisation is not None) == (role.name in ("applicant", "institution"))
