"""API of facts entered by planners: each from a date, with its source, and undone by its act."""
