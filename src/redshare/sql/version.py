"""What version() answers."""

from __future__ import annotations

from typing import Final

#: Drivers read the first number; the rest is the shape that others parse.
VERSION: Final = (
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 "
    "(Red Hat 3.4.2-6.fc3), Redshift 1.0.100000 (Redshare)"
)
