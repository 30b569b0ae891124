"""The AWS wire: bytes to values and back for `query` and `json` 1.1, and Signature Version 4.

Sans-I/O: no socket, clock or random; times and ids come in as arguments. It knows botocore's
models and nothing of what the operations do.

One request goes `route` -> `sigv4.verify` -> `query.parse` or `json.parse` -> `validate`, and its
answer through `respond`.
"""

from __future__ import annotations
