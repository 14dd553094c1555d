"""Persistence: rows in SQLite or PostgreSQL by one code path, read as values of the domain."""
