"""Pages for staff: the day at a centre."""
