"""Datashares: their entries, who sees them, what is logged and metered of their use."""
