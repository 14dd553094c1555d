"""TOML: reading with line numbers, checked tables, and writing."""
