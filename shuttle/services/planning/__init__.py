"""Acts of planning: requests, plans, their worker, and scenarios."""
