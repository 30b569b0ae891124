"""An SQL session: from a connection to a statement's rows, and the transaction around it."""
