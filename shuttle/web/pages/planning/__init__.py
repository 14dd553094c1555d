"""Pages of planning: scenarios, following a plan, proposals, demand and duties."""
