"""Applicants: my dossiers, the form, filing and its receipt, the way of an application, its result."""
