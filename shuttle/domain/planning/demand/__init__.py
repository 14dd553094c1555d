"""Demand: from counts at stops to passengers between stops, minute by minute."""
