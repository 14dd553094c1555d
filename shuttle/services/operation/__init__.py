"""Operation: installation, backups, nightly jobs, reminders and operator figures."""
