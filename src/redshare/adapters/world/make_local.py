"""What a namespace lacks of its own: users, groups, roles, databases, schemas, relations."""

from __future__ import annotations

from collections.abc import Iterator

from redshare.adapters.world.places import Place
from redshare.adapters.world.warehouse_sql import StatementRefused, Step, WarehouseSql
from redshare.app.world import WorldError, WorldNamespace
from redshare.app.world.grants import role_statement
from redshare.app.world.literal import comment_statement, literal
from redshare.app.world.structure import WorldDatabase, WorldRole, WorldSchema, WorldUser
from redshare.sql.shown_ddl import name_text

_NO_DATABASE = WorldDatabase()
_NO_SCHEMA = WorldSchema()
_NO_ROLE = WorldRole()
_NO_USER = WorldUser()


def said(sql: str) -> Step:
    """A statement that says itself."""
    return " ".join(sql.split()), sql


class LocalMaker:
    """Makes in `place` what `wanted` has and `found` has not."""

    def __init__(self, place: Place, wanted: WorldNamespace, found: WorldNamespace) -> None:
        if place.sql is None:
            raise WorldError(f"{place.account.number}/{place.name} has no workgroup")
        self.sql: WarehouseSql = place.sql
        self._home = place.database
        self._wanted = wanted
        self._found = found
        self._waiting: dict[str, list[Step]] = {}

    def identities(self) -> Iterator[str]:
        """Users, groups, roles and who is in them."""
        steps = [*self._users(), *self._groups(), *self._roles()]
        yield from self.sql.execute(self._home, steps)

    def databases(self) -> Iterator[str]:
        """Local databases and their schemas."""
        have = self._found.databases or {}
        for name, database in self.local():
            if name not in have:
                yield self.sql.execute_alone(self._home, said(f"CREATE DATABASE {name_text(name)}"))
            known = self.found_schemas(name)
            steps = [
                said(f"CREATE SCHEMA {name_text(schema)}")
                for schema, part in (database.schemas or {}).items()
                if part.external is None and schema not in {*known, "public"}
            ]
            yield from self.sql.execute(name, steps)

    def relations(self) -> Iterator[str]:
        """Tables, views and functions in whatever order they need each other.

        What cannot be made yet, for it reads a shared database, waits.
        """
        for name, database in self.local():
            self._waiting[name] = list(self._missing(name, database))
            yield from self._made(name)

    def remaining(self) -> Iterator[str]:
        """External schemas, then the relations that waited. Raises StatementRefused."""
        for name, database in self.local():
            known = self.found_schemas(name)
            steps = [
                said(
                    f"CREATE EXTERNAL SCHEMA {name_text(schema)} FROM REDSHIFT DATABASE"
                    f" {literal(part.external.database)} SCHEMA {literal(part.external.schema)}"
                )
                for schema, part in (database.schemas or {}).items()
                if part.external is not None and schema not in known
            ]
            yield from self.sql.execute(name, steps)
            yield from self._made(name)
            if self._waiting[name]:
                self.sql.execute_alone(name, self._waiting[name][0])

    def owners(self) -> Iterator[str]:
        """Who owns what, where it is somebody else."""
        for name, database in (self._wanted.databases or {}).items():
            found = (self._found.databases or {}).get(name, _NO_DATABASE)
            steps: list[Step] = []
            for schema, part in (database.schemas or {}).items():
                known = (found.schemas or {}).get(schema, _NO_SCHEMA)
                steps += self._owner(f"SCHEMA {name_text(schema)}", part.owner, known.owner)
                for relation, each in (part.relations or {}).items():
                    old = (known.relations or {}).get(relation)
                    target = f"TABLE {name_text(schema)}.{name_text(relation)}"
                    steps += self._owner(target, each.owner, old.owner if old else None)
            yield from self.sql.execute(name, steps)
            for step in self._owner(f"DATABASE {name_text(name)}", database.owner, found.owner):
                yield self.sql.execute_alone(self._home, step)
        for name, role in (self._wanted.roles or {}).items():
            old_role = (self._found.roles or {}).get(name, _NO_ROLE)
            steps = list(self._owner(f"ROLE {name_text(name)}", role.owner, old_role.owner))
            yield from self.sql.execute(self._home, steps)

    def local(self) -> Iterator[tuple[str, WorldDatabase]]:
        """The wanted databases that are not from a datashare."""
        for name, database in (self._wanted.databases or {}).items():
            if database.from_datashare is None:
                yield name, database

    def found_schemas(self, database: str) -> dict[str, WorldSchema]:
        """Those that a database had."""
        found = (self._found.databases or {}).get(database, _NO_DATABASE)
        return dict(found.schemas or {})

    def waiting_relations(self, database: str) -> set[str]:
        """Those that are not made yet, as SQL names them."""
        waiting = {what for what, _ in self._waiting[database]}
        schemas = dict(self.local())[database].schemas or {}
        return {
            f"{name_text(schema)}.{name_text(relation)}"
            for schema, part in schemas.items()
            for relation in part.relations or {}
            if f"relation {schema}.{relation}" in waiting
        }

    def comments(self) -> Iterator[str]:
        """COMMENT ON what has none."""
        for name, database in self.local():
            known = (self._found.databases or {}).get(name, _NO_DATABASE).comments or {}
            steps = [
                said(comment_statement(target, text))
                for target, text in (database.comments or {}).items()
                if target not in known
            ]
            yield from self.sql.execute(name, steps)

    # --- how ------------------------------------------------------------------------------

    def _owner(self, target: str, wanted: str | None, found: str | None) -> Iterator[Step]:
        if wanted not in {None, found or self._wanted.admin.user}:
            assert wanted is not None
            yield said(f"ALTER {target} OWNER TO {name_text(wanted)}")

    def _users(self) -> Iterator[Step]:
        for name, user in (self._wanted.users or {}).items():
            if name not in {*(self._found.users or {}), self._wanted.admin.user}:
                what = f"CREATE USER {name_text(name)}"
                yield what, f"{what} {_user_options(user)}"
            known = (self._found.users or {}).get(name, _NO_USER)
            for setting, value in (user.settings or {}).items():
                if setting not in (known.settings or {}):
                    target = f"ALTER USER {name_text(name)} SET {name_text(setting)}"
                    yield said(f"{target} TO {_setting(setting, value)}")

    def _groups(self) -> Iterator[Step]:
        for name, members in (self._wanted.groups or {}).items():
            found = (self._found.groups or {}).get(name)
            if found is None:
                yield said(f"CREATE GROUP {name_text(name)}")
            for member in members:
                if member not in (found or ()):
                    yield said(f"ALTER GROUP {name_text(name)} ADD USER {name_text(member)}")

    def _roles(self) -> Iterator[Step]:
        wanted, found = self._wanted.roles or {}, self._found.roles or {}
        for name, role in wanted.items():
            if name not in found and not name.startswith("sys:"):
                external = f" EXTERNALID {literal(role.external_id)}" if role.external_id else ""
                yield said(f"CREATE ROLE {name_text(name)}{external}")
        for name, role in wanted.items():
            known = found.get(name, _NO_ROLE)
            for privilege in role.privileges or ():
                if privilege not in (known.privileges or ()):
                    yield said(f"GRANT {privilege} TO ROLE {name_text(name)}")
            for holder in role.granted_to or ():
                if holder not in (known.granted_to or ()):
                    yield said(role_statement(name, holder))

    def _missing(self, name: str, database: WorldDatabase) -> Iterator[Step]:
        known = self.found_schemas(name)
        for schema, part in (database.schemas or {}).items():
            old = known.get(schema, _NO_SCHEMA)
            for function, made in (part.functions or {}).items():
                if function not in (old.functions or {}):
                    yield f"function {schema}.{function}", made.ddl
            for relation, each in (part.relations or {}).items():
                if relation not in (old.relations or {}):
                    yield f"relation {schema}.{relation}", each.ddl

    def _made(self, database: str) -> Iterator[str]:
        """All at once if they are in order; else one by one, again while that brings more."""
        done: set[str] = set()
        try:
            for what in self.sql.execute(database, self._waiting[database]):
                done.add(what)
                yield what
        except StatementRefused:
            self._drop_made(database, done)
            yield from self._one_by_one(database)
        else:
            self._waiting[database] = []

    def _one_by_one(self, database: str) -> Iterator[str]:
        progress = True
        while progress:
            done: set[str] = set()
            for step in self._waiting[database]:
                try:
                    yield self.sql.execute_alone(database, step)
                except StatementRefused:
                    continue
                done.add(step[0])
            self._drop_made(database, done)
            progress = bool(done)

    def _drop_made(self, database: str, done: set[str]) -> None:
        self._waiting[database] = [s for s in self._waiting[database] if s[0] not in done]


def _setting(name: str, value: str) -> str:
    if name != "search_path":
        return literal(value)
    # A list of names, not one.
    return ", ".join(literal(schema.strip().strip('"')) for schema in value.split(","))


def _user_options(user: WorldUser) -> str:
    options = [f"PASSWORD {literal(user.password)}" if user.password else "PASSWORD DISABLE"]
    if user.createdb:
        options.append("CREATEDB")
    if user.superuser:
        options.append("CREATEUSER")
    if user.syslog_access is not None:
        options.append(f"SYSLOG ACCESS {user.syslog_access}")
    if user.valid_until is not None:
        options.append(f"VALID UNTIL {literal(user.valid_until)}")
    if user.connection_limit is not None:
        options.append(f"CONNECTION LIMIT {user.connection_limit}")
    if user.session_timeout:
        options.append(f"SESSION TIMEOUT {user.session_timeout}")
    if user.external_id is not None:
        options.append(f"EXTERNALID {literal(user.external_id)}")
    return " ".join(options)
