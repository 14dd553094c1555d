"""Domain model: the rules of a shuttle service as immutable values that validate themselves.

Imports the standard library alone, so every rule can be read and tested without a database or a web server.
"""
