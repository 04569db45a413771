"""Panellists: invitation, pledge, work list, score sheets, deliberation."""
