"""Facts that a planner enters: changed from a date, and what a change means for a centre."""
