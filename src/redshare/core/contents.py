"""What a datashare holds by id: schemas, relations, functions; and the privileges TO DATASHARE.

ADD SCHEMA is USAGE on it, ADD TABLE is SELECT on it; any privilege makes an object a member.
Views that are shared stay members by their id; a dropped object leaves with its id.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from redshare.core.ids import FunctionId, RelationId, SchemaId
from redshare.core.privileges import ObjectKind, Privilege


@dataclass(frozen=True, slots=True)
class SharedSchema:
    """A schema in the share; `include_new` lets its future tables join."""

    schema: SchemaId
    privileges: frozenset[Privilege]
    include_new: bool = False


@dataclass(frozen=True, slots=True)
class SharedRelation:
    """A table or view in the share."""

    relation: RelationId
    schema: SchemaId
    privileges: frozenset[Privilege]


@dataclass(frozen=True, slots=True)
class SharedFunction:
    """An SQL function in the share: consumers may execute it."""

    function: FunctionId
    schema: SchemaId


@dataclass(frozen=True, slots=True)
class SharedScope:
    """What every object of a kind has in a schema, or anywhere, be it made later."""

    kind: ObjectKind
    privileges: frozenset[Privilege]
    schema: SchemaId | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """The members of a datashare. What a scope gives, its objects have as members as well."""

    schemas: tuple[SharedSchema, ...] = ()
    relations: tuple[SharedRelation, ...] = ()
    functions: tuple[SharedFunction, ...] = ()
    scopes: tuple[SharedScope, ...] = ()

    def scope(self, kind: ObjectKind, schema: SchemaId | None = None) -> frozenset[Privilege]:
        """What a scope gives."""
        for scope in self.scopes:
            if (scope.kind, scope.schema) == (kind, schema):
                return scope.privileges
        return frozenset()

    def with_scope(
        self, kind: ObjectKind, schema: SchemaId | None, privileges: frozenset[Privilege]
    ) -> Contents:
        """With a scope that gives these; none where there are none."""
        others = tuple(s for s in self.scopes if (s.kind, s.schema) != (kind, schema))
        made = (SharedScope(kind, privileges, schema),) if privileges else ()
        return replace(self, scopes=(*others, *made))

    def schema(self, schema: SchemaId) -> SharedSchema | None:
        """The member with that id."""
        return next((s for s in self.schemas if s.schema == schema), None)

    def relation(self, relation: RelationId) -> SharedRelation | None:
        """The member with that id."""
        return next((r for r in self.relations if r.relation == relation), None)

    def function(self, function: FunctionId) -> SharedFunction | None:
        """The member with that id."""
        return next((f for f in self.functions if f.function == function), None)

    def has(self, member: RelationId | FunctionId) -> bool:
        """Whether the relation or function is a member."""
        return self.relation(RelationId(member)) is not None or (
            self.function(FunctionId(member)) is not None
        )

    def add_function(self, function: FunctionId, schema: SchemaId) -> Contents:
        """With the function; again: no effect."""
        if self.function(function) is not None:
            return self
        return replace(self, functions=(*self.functions, SharedFunction(function, schema)))

    def remove_function(self, function: FunctionId) -> Contents:
        """Without the function."""
        return replace(self, functions=tuple(f for f in self.functions if f.function != function))

    def grant_schema(self, schema: SchemaId, privileges: frozenset[Privilege]) -> Contents:
        """With `privileges` on the schema."""
        old = self.schema(schema)
        if old is None:
            return replace(self, schemas=(*self.schemas, SharedSchema(schema, privileges)))
        new = replace(old, privileges=old.privileges | privileges)
        return replace(self, schemas=tuple(new if s is old else s for s in self.schemas))

    def revoke_schema(self, schema: SchemaId, privileges: frozenset[Privilege]) -> Contents:
        """Without `privileges` on the schema; without any, the schema leaves."""
        changed = (
            replace(s, privileges=s.privileges - privileges) if s.schema == schema else s
            for s in self.schemas
        )
        return replace(self, schemas=tuple(s for s in changed if s.privileges))

    def remove_schema(self, schema: SchemaId) -> Contents:
        """Without the schema and all its members."""
        return Contents(
            tuple(s for s in self.schemas if s.schema != schema),
            tuple(r for r in self.relations if r.schema != schema),
            tuple(f for f in self.functions if f.schema != schema),
            tuple(s for s in self.scopes if s.schema != schema),
        )

    def set_include_new(self, schema: SchemaId, *, include_new: bool) -> Contents:
        """With the future of the schema's objects decided."""
        return replace(
            self,
            schemas=tuple(
                replace(s, include_new=include_new) if s.schema == schema else s
                for s in self.schemas
            ),
        )

    def grant_relation(
        self, relation: RelationId, schema: SchemaId, privileges: frozenset[Privilege]
    ) -> Contents:
        """With `privileges` on the relation."""
        old = self.relation(relation)
        if old is None:
            member = SharedRelation(relation, schema, privileges)
            return replace(self, relations=(*self.relations, member))
        new = replace(old, privileges=old.privileges | privileges)
        return replace(self, relations=tuple(new if r is old else r for r in self.relations))

    def revoke_relation(self, relation: RelationId, privileges: frozenset[Privilege]) -> Contents:
        """Without `privileges` on the relation; without any, the relation leaves."""
        changed = (
            replace(r, privileges=r.privileges - privileges) if r.relation == relation else r
            for r in self.relations
        )
        return replace(self, relations=tuple(r for r in changed if r.privileges))

    def remove_relation(self, relation: RelationId) -> Contents:
        """Without the relation."""
        return replace(self, relations=tuple(r for r in self.relations if r.relation != relation))
