"""Rows of access: people, sessions, tokens, tablets and counting keys."""
