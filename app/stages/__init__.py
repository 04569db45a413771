"""The writing side, one file for each step of the process, in order:
calls, submission, eligibility, matching, invitations, scoresheets, calibration, deliberation, notice, designation, listing,
pilot, outcomes. Beside them: people (accounts and roles) and imports (files of experts and dossiers).

Every verb: load, check, compute, write, `door.advance`, journal, promise. Stages never call each other.
"""
