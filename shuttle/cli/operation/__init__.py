"""Commands of operation: serve, jobs, backup, restore and the database."""
