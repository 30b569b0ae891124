"""pg_constraint and pg_index: keys are informational in Redshift, kept and shown.

https://www.postgresql.org/docs/8.0/catalog-pg-constraint.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from redshare.core.relation import Constraint, Relation
from redshare.sql.context import SqlContext
from redshare.sql.may import reaches
from redshare.sql.views.model import Record, vector, view
from redshare.sql.views.oids import PG_CONSTRAINT, oid
from redshare.sql.views.reach import Seen, local, usable_share

#: The operator class of integers in a btree.
_INT4_OPS: Final = 1978
_KINDS: Final = {"PRIMARY KEY": "p", "UNIQUE": "u", "FOREIGN KEY": "f"}


@dataclass(frozen=True, slots=True)
class Key:
    """A constraint in its place; `target` is what a foreign key refers to, where it is there."""

    seen: Seen
    place: int
    constraint: Constraint
    target: Seen | None = None
    target_columns: tuple[str, ...] = ()
    #: Behind the name that is made up, where a table would have it twice.
    number: str = ""

    @property
    def kind(self) -> str:
        """PRIMARY KEY, UNIQUE or FOREIGN KEY."""
        return self.constraint.kind

    @property
    def name(self) -> str:
        """As given, or as PostgreSQL makes one up."""
        return f"{self.seen.relation.constraint_name(self.constraint)}{self.number}"

    @property
    def oid(self) -> int:
        """Of the constraint."""
        return oid(f"{self.seen.relation.relation_id}#{self.place}")

    @property
    def index_oid(self) -> int:
        """Of the index PostgreSQL would have for it."""
        return oid(f"{self.seen.relation.relation_id}#{self.place}i")

    @property
    def definition(self) -> str:
        """pg_get_constraintdef()."""
        names = ", ".join(self.constraint.columns)
        if self.kind != "FOREIGN KEY":
            return f"{self.kind} ({names})"
        referred = ", ".join(self.target_columns)
        table, _, _ = self.constraint.references.partition("(")
        name = self.target.relation.name if self.target else table
        return f"FOREIGN KEY ({names}) REFERENCES {name}" + (f"({referred})" if referred else "")


def keys_of(context: SqlContext, seen: Seen) -> Iterator[Key]:
    """The constraints of one relation, but foreign keys to what the user may not know of."""
    taken: Counter[str] = Counter()
    for place, constraint in enumerate(seen.relation.constraints):
        target: Seen | None = None
        names: tuple[str, ...] = ()
        if constraint.kind == "FOREIGN KEY":
            target, names = _target(context, seen, constraint)
            if target is None or not _may_know(context, target):
                continue
        key = Key(seen, place, constraint, target, names)
        before = taken[key.name]
        taken[key.name] += 1
        yield replace(key, number=str(before)) if before else key


def _may_know(context: SqlContext, target: Seen) -> bool:
    if target.shared:
        share = usable_share(context, target.database)
        member = share and share.contents.relation(target.relation.relation_id)
        return member is not None
    return reaches(context, target.relation)


def primary_key(relation: Relation) -> Constraint | None:
    """A table's primary key."""
    return next((c for c in relation.constraints if c.kind == "PRIMARY KEY"), None)


def _target(
    context: SqlContext, seen: Seen, constraint: Constraint
) -> tuple[Seen | None, tuple[str, ...]]:
    """The referred table and its columns: without a list those of its primary key."""
    table, _, rest = constraint.references.partition("(")
    names = tuple(name.strip() for name in rest.rstrip(")").split(",") if name.strip())
    parts = table.split(".")
    catalog, storage = context.catalog, seen.relation.database
    places = [parts[-2]] if len(parts) > 1 else [seen.schema.name, "public"]
    for name in places:
        schema = catalog.schema_named(storage, name)
        if schema is None:
            continue
        found = catalog.relation_named(schema.schema_id, parts[-1])
        if found is not None:
            if not names:
                key = primary_key(found)
                names = key.columns if key else ()
            return Seen(seen.database, schema, found), names
    return None, names


def local_keys(context: SqlContext) -> Iterator[Key]:
    """The constraints of the connected database."""
    for seen in local(context):
        yield from keys_of(context, seen)


def referred_key(context: SqlContext, key: Key) -> Key | None:
    """The primary or unique key that a foreign key refers to."""
    if key.target is None:
        return None
    for other in keys_of(context, key.target):
        if other.kind != "FOREIGN KEY" and other.constraint.columns == key.target_columns:
            return other
    return None


def places(relation: Relation, names: tuple[str, ...]) -> list[int]:
    """The ordinals of columns."""
    order = [column.name for column in relation.columns]
    return [order.index(name) + 1 for name in names if name in order]


def _constraints(context: SqlContext) -> Iterator[Record]:
    for key in local_keys(context):
        relation, target = key.seen.relation, key.target
        foreign = key.kind == "FOREIGN KEY"
        unique = referred_key(context, key) if foreign else key
        referred = places(target.relation, key.target_columns) if target else []
        yield {
            "oid": key.oid,
            "tableoid": PG_CONSTRAINT,
            "conname": key.name,
            "connamespace": oid(relation.schema),
            "contype": _KINDS[key.kind],
            "condeferrable": False,
            "condeferred": False,
            "conrelid": oid(relation.relation_id),
            "contypid": 0,
            "confrelid": oid(target.relation.relation_id) if target else 0,
            "confupdtype": "a" if foreign else " ",
            "confdeltype": "a" if foreign else " ",
            "confmatchtype": "u" if foreign else " ",
            "conkey": places(relation, key.constraint.columns),
            "confkey": referred if foreign else None,
            "convalidated": True,
            "conindid": unique.index_oid if unique else 0,
            "conparentid": 0,
        }


def _indexes(context: SqlContext) -> Iterator[Record]:
    """Redshift has no indexes; of a primary or unique key it lists one, which drivers read."""
    for key in local_keys(context):
        if key.kind == "FOREIGN KEY":
            continue
        found = places(key.seen.relation, key.constraint.columns)
        yield {
            "indexrelid": key.index_oid,
            "indrelid": oid(key.seen.relation.relation_id),
            "indkey": vector(found),
            "indclass": vector(_INT4_OPS for _ in found),
            "indnatts": len(found),
            "indisunique": True,
            "indisprimary": key.kind == "PRIMARY KEY",
            "indisclustered": False,
            "indisvalid": True,
            "indisreplident": False,
        }


VIEWS: Final = (
    view(
        "pg_constraint",
        "conname name, connamespace oid, contype char, condeferrable bool, condeferred bool,"
        "conrelid oid, contypid oid, confrelid oid, confupdtype char, confdeltype char,"
        "confmatchtype char, conkey smallint[], confkey smallint[], conbin text, consrc text",
        _constraints,
        "oid oid, tableoid oid, convalidated bool, conindid oid, conparentid oid",
    ),
    view(
        "pg_index",
        "indexrelid oid, indrelid oid, indkey int2vector, indclass oidvector, indnatts smallint,"
        "indisunique bool, indisprimary bool, indisclustered bool, indexprs text, indpred text",
        _indexes,
        "indisvalid bool, indisreplident bool",
    ),
)
