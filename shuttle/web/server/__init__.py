"""Middleware of every request: limits, deadlines, cache, log, problems, identity and static files."""
