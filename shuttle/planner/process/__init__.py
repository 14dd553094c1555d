"""A run as a process: request in, a result that grows out; starting, following and ending it."""
