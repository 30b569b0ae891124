"""Definitions, bound: tables, views, functions, and what changes or drops them."""
