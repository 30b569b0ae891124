"""Foreign clients, unmodified, against a running node; docs/compat/clients.md is made from it."""
