"""The auditor: reads everything that was recorded, recomputes it, changes nothing."""
