"""A worker: the process that runs DuckDB for one warehouse. Started as `python -m` of this package.

It knows the lakes it was given, by number; no user, no share, no name a person gave.
"""
