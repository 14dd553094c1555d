"""The tables, a module per subject. Each knows those that it refers to, and nobody reads more of them than are asked for."""
