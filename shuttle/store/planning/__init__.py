"""Rows of planning: plans, scenarios and demand estimates."""
