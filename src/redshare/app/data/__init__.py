"""The Data API: statements in the background, their results, and sessions between them."""
