"""Everything the library refuses, one class per cause, each with a stable code and plain data for the caller's page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

Data = Mapping[str, Any]


class ReviewersError(Exception):
    """Base of all errors of this library: `code` names the cause, `data` holds plain JSON values, never prose.

    >>> try:
    ...     raise UnknownField(field="F99")
    ... except ReviewersError as error:
    ...     print(error.code, dict(error.data))
    unknown_field {'field': 'F99'}
    """

    code: ClassVar[str] = "reviewers_error"

    def __init__(self, **data: Any) -> None:
        self.data: Data = MappingProxyType(data)
        super().__init__(self.code, data)

    def __str__(self) -> str:
        return self.code + "".join(f" {key}={value!r}" for key, value in self.data.items())


class UnknownField(ReviewersError):
    """A sub-field code that the table of sub-fields does not hold (`field`)."""

    code = "unknown_field"


class DuplicateId(ReviewersError):
    """Two records of one kind share an id (`kind`, `id`)."""

    code = "duplicate_id"


class UnknownId(ReviewersError):
    """A record points to an id that was not given (`kind`, `id`)."""

    code = "unknown_id"


class ImpossibleSpec(ReviewersError):
    """A panel is described by numbers that contradict themselves (`panel`, `reason`)."""

    code = "impossible_spec"


class ShapeMismatch(ReviewersError):
    """A matrix and its id vectors disagree (`expected`, `found`)."""

    code = "shape_mismatch"


class BadInput(ReviewersError):
    """A file given to a command cannot be used (`file`, `reason` in words)."""

    code = "bad_input"

    def __str__(self) -> str:
        return f"{self.data['file']}: {self.data['reason']}"


class RuleBroken(ReviewersError):
    """A finished assignment breaks a rule it promised to keep (`broken`): a defect, never shown as a result."""

    code = "rule_broken"


class SolverFailed(ReviewersError):
    """The solver ended without an answer (`status`)."""

    code = "solver_failed"


class ModelMissing(ReviewersError):
    """The package that carries a model's weights is not installed (`package`, `file`)."""

    code = "model_missing"


class ModelAltered(ReviewersError):
    """A model's weights do not have the pinned SHA-256 (`file`, `expected`, `found`)."""

    code = "model_altered"


class VectorMissing(ReviewersError):
    """A text has no vector in the cache, and no model may be opened to make one (`encoder`)."""

    code = "vector_missing"


class BadLayout(ReviewersError):
    """A weight file does not follow its documented binary layout (`file`, `reason`)."""

    code = "bad_layout"


class SeedMismatch(ReviewersError):
    """A revealed seed does not hash to the commitment published before (`expected`, `found`)."""

    code = "seed_mismatch"


class NoSubstitute(ReviewersError):
    """Nobody on the ordered list of substitutes may take the seat (`panel`, `passed_over`)."""

    code = "no_substitute"
