"""Driver duties: their shape, working-time rules, cost, and the roster that gives them to drivers."""
