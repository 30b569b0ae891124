"""SQL functions of a local database. Functions of one name differ in their arguments' types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.ids import DatabaseId, FunctionId, SchemaId, UserId
from redshare.core.privileges import Acl


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function in SQL. Types are in Redshift's spelling.

    `definition` is its text between the dollar quotes with what its names meant (sql/definition).
    """

    function_id: FunctionId
    database: DatabaseId
    schema: SchemaId
    name: str
    arguments: tuple[str, ...]
    returns: str
    volatility: str
    definition: str
    owner: UserId
    created: datetime
    depends: tuple[str, ...] = ()
    comment: str = ""
    acl: Acl = Acl()  # noqa: RUF009 - an immutable value
    version: int = 0

    @property
    def signature(self) -> str:
        """`f(integer, character varying)`: what is unique in a schema."""
        return f"{self.name}({', '.join(kind.partition('(')[0] for kind in self.arguments)})"
