"""The database engine: connections, deadlines, schema version and row helpers."""
