"""Ridership: counts at stops, passings, sums, suppression and trials. No rider exists here."""
