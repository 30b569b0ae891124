"""UNLOAD's way from a query's batches to objects: text, rows of a format, files of a size."""
