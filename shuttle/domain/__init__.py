"""What is true of a shuttle service, whoever asks: the words of the trade as values that refuse to be wrong.

Imports the standard library and nothing else, so that every rule here can be read and tested without a database or a web.
"""
