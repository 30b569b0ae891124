"""The shares that a consumer's database could be made from, as far as the asker sees them."""

from __future__ import annotations

from dataclasses import dataclass

from redshare.core.catalog import Catalog
from redshare.core.database import Database
from redshare.core.ids import NamespaceId
from redshare.core.share import Datashare
from redshare.sql.names import Place, relation_in, schema_in
from redshare.sql.why.sight import Sight


def database_of(catalog: Catalog, namespace: NamespaceId, share: Datashare) -> Database | None:
    """The one database that a namespace has of a share."""
    return next(
        (
            database
            for database in catalog.databases(namespace)
            if database.source is not None and database.source.share == share.share_key
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class Offers:
    """What is offered for an object that is named through a database that is not there."""

    sight: Sight
    schema: str
    name: str

    def candidates(self) -> list[Datashare]:
        """Those that have the object; where none is seen to, those without a database yet."""
        sight = self.sight
        if not sight.administers:
            return []
        seen = [share for share in sight.catalog.datashares() if sight.sees(share)]
        free = [share for share in seen if self.made(share) is None]
        having = [share for share in seen if self._has(share)]
        return [share for share in having if share in free] or having or free

    def made(self, share: Datashare) -> Database | None:
        """The database that the namespace has of it already."""
        return database_of(self.sight.catalog, self.sight.namespace.namespace_id, share)

    def _has(self, share: Datashare) -> bool:
        """Whether the object is in it, for who sees its contents."""
        sight = self.sight
        storage = sight.catalog.database(share.database)
        if storage is None or not sight.sees_contents(share):
            return False
        schema = schema_in(sight.asker, Place(storage, storage, share), self.schema)
        return schema is not None and relation_in(sight.asker, schema, self.name) is not None
