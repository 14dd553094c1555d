"""Pages of roadmaps: asking, following, reading, printing."""
