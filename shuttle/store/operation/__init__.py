"""Rows of operation: jobs, the audit log, stored reports and outcomes."""
