"""Scenario files (TOML): what a planner asks."""
