"""The tables, one aggregate a file; importing this package registers them all."""

from app.models import (  # noqa: F401
    applications,
    calls,
    challenges,
    deliberations,
    designation_requests,
    designations,
    experts,
    lotteries,
    matching,
    people,
    pilots,
    process,
    readings,
    results,
    reviews,
    suggestions,
)
