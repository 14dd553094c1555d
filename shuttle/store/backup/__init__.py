"""Backup and copy: the backup file, and proven copies between SQLite and PostgreSQL."""
