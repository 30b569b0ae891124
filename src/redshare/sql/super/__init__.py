"""The SUPER type: JSON text in the engine, and what Redshift's PartiQL means on it.

A SUPER value is stored as its compact JSON text; a SUPER that is null is NULL. See
docs/decisions/0014-super-as-json-text.md for what the engine's own JSON functions lose, and how
`text.exactly` keeps it.
https://docs.aws.amazon.com/redshift/latest/dg/query-super.html
"""
