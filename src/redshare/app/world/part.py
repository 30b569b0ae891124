"""What all parts of a world file are."""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the file: unknown keys are errors, and what is a default is not written."""
