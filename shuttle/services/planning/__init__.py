"""Services of planning: requests to the planner, plans and their worker, scenarios."""
