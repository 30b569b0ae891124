"""What a statement asks of datashares, and what it got of them: counted where its answer is made.

Rows and bytes are those that came out, as the client or another table gets them, not those that
the engine looked at on the way. Each share that a statement reads gave its rows. Bytes written are
those of the files that the statement added to the producer's lake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from redshare.core.access import ShareUse
from redshare.core.catalog import Catalog
from redshare.core.cross_region import megabytes
from redshare.core.function import Function
from redshare.core.ids import LakeId, SchemaId
from redshare.core.namespace import Namespace
from redshare.core.plan import EnginePlan
from redshare.core.relation import Relation
from redshare.core.share_usage import ShareRequest

#: The one type that Redshift's manual names; the others are made after it.
RELATION = "GET RELATION"
_FUNCTION = "GET FUNCTION"
_DATASHARE = "GET DATASHARE"


class Metered:
    """A statement's use of shares, from its binding to its last row; `end` once it is over."""

    def __init__(
        self,
        requests: Iterable[ShareRequest],
        *,
        read: frozenset[str],
        written: frozenset[str],
        put: Callable[[Iterable[ShareRequest]], None],
        now: Callable[[], datetime],
    ) -> None:
        self._requests = tuple(requests)
        self._read = read
        self._written = written
        self._put: Callable[[Iterable[ShareRequest]], None] | None = put
        self._now = now
        self._rows = self._bytes = self._affected = self._written_bytes = 0
        #: Messages by share.
        self._errors: dict[str, str] = {}
        self._failed = False

    @property
    def across(self) -> frozenset[str]:
        """The shares of other Regions that it reads."""
        return frozenset(r.share for r in self._requests if r.share in self._read and r.across)

    def gave(self, batch: Any) -> None:  # noqa: ANN401 - a pyarrow.RecordBatch
        """Rows go to the client."""
        self._rows += batch.num_rows
        self._bytes += batch.nbytes

    def wrote(self, rows: int | None, size: int | None) -> None:
        """The statement wrote so many rows, and bytes of files, whatever it read."""
        self._affected, self._written_bytes = rows or 0, size or 0

    def refused(self, shares: Iterable[str], message: str) -> None:
        """Access to these was taken away."""
        self._errors.update(dict.fromkeys(shares, message))

    def failed(self) -> None:
        """What failed counts against no usage limit."""
        self._failed = True

    def end(self) -> ShareRequest | None:
        """Nothing more comes; again: no effect. The request that counts against usage limits."""
        put, self._put = self._put, None
        if put is None:
            return None
        told = list(self._counted())
        put(told)
        return next((request for request in told if request.cross_region), None)

    def _counted(self) -> Iterator[ShareRequest]:
        at, counted = self._now(), set()
        # A query counts once, whatever it reads.
        counts = None if self._failed else min(self.across, default=None)
        for request in self._requests:
            share = request.share
            told = replace(request, at=at, error=self._errors.get(share or "", ""))
            if share is not None and share not in counted:
                counted.add(share)
                told = replace(
                    told,
                    rows_read=self._rows + (self._affected if share in self._read else 0),
                    bytes_read=self._bytes,
                    rows_written=self._affected if share in self._written else 0,
                    bytes_written=self._written_bytes if share in self._written else 0,
                    cross_region=megabytes(self._bytes) if share == counts else 0,
                )
            yield told


def described(
    request: ShareRequest, use: ShareUse, catalog: Catalog, new_id: Callable[[], str]
) -> ShareRequest:
    """The request for one object, made of one that says who asks."""
    share = catalog.datashare(use.share)
    if share is None:
        return replace(request, request_id=new_id())
    producer: Namespace | None = catalog.namespace(share.namespace)
    kind, name, request_type = _member(catalog, use)
    return replace(
        request,
        request_id=new_id(),
        request_type=request_type,
        producer=share.namespace,
        producer_account=share.account,
        producer_region=share.region if producer is None else producer.region,
        share=share.share_key,
        share_id=share.share_id,
        share_name=share.name,
        object_type=kind,
        object_key=use.member,
        object_name=name,
    )


def _member(catalog: Catalog, use: ShareUse) -> tuple[str | None, str | None, str]:
    relation: Relation | None = catalog.get(Relation, use.member or "")
    if relation is not None:
        return str(relation.kind), _name(catalog, relation.schema, relation.name), RELATION
    function: Function | None = catalog.get(Function, use.member or "")
    if function is not None:
        return "function", _name(catalog, function.schema, function.signature), _FUNCTION
    return None, None, _DATASHARE


def _name(catalog: Catalog, schema: SchemaId, name: str) -> str:
    place = catalog.schema(schema)
    return name if place is None else f"{place.name}.{name}"


def sides(
    uses: Iterable[ShareUse], plan: EnginePlan, catalog: Catalog
) -> tuple[frozenset[str], frozenset[str]]:
    """The shares that a plan reads through, and those that it writes through."""
    targets = {(target.lake, target.table) for target in plan.targets}
    read: set[str] = set()
    written: set[str] = set()
    for use in uses:
        relation: Relation | None = catalog.get(Relation, use.member or "")
        target = (
            relation is not None and (LakeId(relation.database), relation.lake_table) in targets
        )
        (written if target else read).add(str(use.share))
    return frozenset(read), frozenset(written)
