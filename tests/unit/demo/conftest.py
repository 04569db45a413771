"""The generated content, made once for all tests of this folder."""

from typing import Any

import pytest

from app.demo.dossiers import dossiers
from app.demo.experts import experts


@pytest.fixture(scope="session")
def pool() -> list[dict[str, Any]]:
    return list(experts())


@pytest.fixture(scope="session")
def filed(pool: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list(dossiers(pool=pool))
