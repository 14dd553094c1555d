"""What every request passes: limits, deadlines, cache, log, problems, identity and static files."""
