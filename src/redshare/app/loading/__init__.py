"""COPY's way from objects to rows: files → lines or records → fields → typed columns.

Everything is read once, a batch at a time; what passes is kept in a spool until the whole load is
known to be good, and only then given to the engine. What does not pass is a `Problem` of its row.
"""
