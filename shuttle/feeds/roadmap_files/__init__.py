"""Roadmap files: TOML text to `Roadmap`."""
