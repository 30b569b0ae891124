"""The port Ids: identifiers from the operating system's randomness."""

from __future__ import annotations

import secrets
import uuid


class RandomIds:
    """Version 4 GUIDs and random bytes."""

    def guid(self) -> str:
        """A GUID."""
        return str(uuid.uuid4())

    def hex(self) -> str:
        """32 hexadecimal digits."""
        return secrets.token_hex(16)

    def secret(self, size: int) -> bytes:
        """Random bytes."""
        return secrets.token_bytes(size)
