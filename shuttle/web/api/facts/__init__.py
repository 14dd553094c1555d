"""API of the facts that a planner enters: each from a date, with its source, and undone by its act."""
