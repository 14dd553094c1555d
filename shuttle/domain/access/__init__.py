"""Access: roles, and who may do what."""
