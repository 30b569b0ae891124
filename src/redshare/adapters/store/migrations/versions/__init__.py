"""One module a revision; none is ever edited after its release."""
