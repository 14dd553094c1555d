"""What is remembered: rows in SQLite or PostgreSQL, by one code path, as values of the domain on the way out."""
