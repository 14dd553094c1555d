"""Acts of operation: installation, backups, nightly jobs, reminders and figures for the operator."""
