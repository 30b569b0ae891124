"""The only sockets and event loop of the node."""
