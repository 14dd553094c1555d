"""Pages for administrators: people, tablets, jobs, assumptions and the audit log."""
