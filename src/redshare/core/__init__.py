"""The rules of data sharing as values.

No socket, file, clock, thread or random number; no word of a wire.
"""
