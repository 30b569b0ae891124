"""The history of the store's tables, run by adapters/store/migrate.py."""
