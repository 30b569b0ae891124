"""Where events go: a file, a webhook."""
