"""The SQL port: one connection from its startup to its last message, over the PostgreSQL wire."""
