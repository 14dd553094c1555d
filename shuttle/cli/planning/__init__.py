"""Commands of planning: plan, evaluate and sweep."""
