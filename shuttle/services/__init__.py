"""Use cases: one function per act, which checks permission, keeps the order of steps and runs one transaction."""
