"""The ministry's coordinators: calls, eligibility, matching, panels, results, notices, committee, list."""
