"""TOML: values with their lines, and schemas of tables as Pydantic models."""
