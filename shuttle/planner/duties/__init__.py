"""Duties in the planner: candidate duties, set partitioning, bounds, and paid time in the choice of trips."""
