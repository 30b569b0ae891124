"""Snapshots of namespaces: taken, kept as long as they are to be, restored."""
