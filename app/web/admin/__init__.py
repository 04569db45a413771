"""The administrator: people, roles, letters, jobs."""
