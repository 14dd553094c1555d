"""On paper: the poster and the ridership report."""
