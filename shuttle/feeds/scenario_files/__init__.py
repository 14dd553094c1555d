"""Scenario files (TOML): the questions of a planner."""
