"""Ridership: counts at stops, passings, sums, suppression and trials. Persons are never recorded."""
