"""Namespaces and warehouses: their life, what they run with, snapshots, credentials."""
