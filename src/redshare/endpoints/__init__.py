"""Where wires and use cases meet: parameters and results are translated, no rule is decided."""
