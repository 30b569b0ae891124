"""What runs inside a client's own environment; it knows nothing of the project."""
