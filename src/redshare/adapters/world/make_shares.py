"""Datashares that are missing, their contents and consumers; databases from datashares; grants."""

from __future__ import annotations

from collections.abc import Iterator

from redshare.adapters.world.make_local import LocalMaker, said
from redshare.adapters.world.places import Place, Places
from redshare.adapters.world.warehouse_sql import Step
from redshare.app.world import WorldNamespace
from redshare.app.world.grants import (
    default_statements,
    each_grant,
    grant_statement,
    implied,
    revoke_statement,
    signature_text,
)
from redshare.app.world.literal import literal
from redshare.app.world.references import ConsumerReference, ShareReference
from redshare.app.world.structure import Grants, WorldDatabase, WorldDatashare, WorldShareSchema
from redshare.sql.shown_ddl import name_text

_NO_SHARE = WorldDatashare("")
_NO_MEMBERS = WorldShareSchema()


class ShareMaker:
    """The sharing side of one namespace."""

    def __init__(
        self,
        place: Place,
        places: Places,
        wanted: WorldNamespace,
        found: WorldNamespace,
        local: LocalMaker,
    ) -> None:
        self._place = place
        self._places = places
        self._wanted = wanted
        self._found = found
        self._sql = local.sql

    def datashares(self) -> Iterator[str]:
        """Datashares, what is in them, and USAGE for their consumers."""
        by_database: dict[str, list[Step]] = {}
        for name, share in (self._wanted.datashares or {}).items():
            old = (self._found.datashares or {}).get(name)
            steps = by_database.setdefault(share.database, [])
            if old is None:
                steps.append(said(_create(name, share)))
            steps += self._contents(name, share, old or _NO_SHARE)
            steps += self._consumers(name, share, old or _NO_SHARE)
            owner = old.owner if old else self._wanted.admin.user
            if share.owner not in {None, owner}:
                assert share.owner is not None
                target = f"{name_text(name)} OWNER TO {name_text(share.owner)}"
                steps.append(said(f"ALTER DATASHARE {target}"))
        for database, steps in by_database.items():
            yield from self._sql.execute(database, steps)

    def shared_databases(self) -> Iterator[str]:
        """CREATE DATABASE … FROM DATASHARE."""
        for name, database in (self._wanted.databases or {}).items():
            if database.from_datashare is None or name in (self._found.databases or {}):
                continue
            share = ShareReference.parse(database.from_datashare)
            guid = self._places.guid_of(share.account, share.namespace)
            foreign = share.account != self._place.account.number
            account = f"ACCOUNT '{share.account}' " if foreign else ""
            permissions = " WITH PERMISSIONS" if database.with_permissions else ""
            sql = (
                f"CREATE DATABASE {name_text(name)}{permissions} FROM DATASHARE"
                f" {name_text(share.share)} OF {account}NAMESPACE '{guid}'"
            )
            yield self._sql.execute_alone(self._place.database, said(sql))

    def grants(self) -> Iterator[str]:
        """Privileges, then those that later objects begin with."""
        for name, database in (self._wanted.databases or {}).items():
            found = (self._found.databases or {}).get(name, WorldDatabase())
            have = set(each_grant(found.grants or {}))
            for target, grantee, privileges in implied(self._wanted, name):
                if grantee not in (found.grants or {}).get(target, {}):
                    have |= {(target, grantee, privilege) for privilege in privileges}
            steps = [grant_statement(g) for g in each_grant(database.grants or {}) if g not in have]
            steps += self._revocations(name, database.grants or {}, found.grants or {})
            old = set(_defaults(found))
            steps += [statement for statement in _defaults(database) if statement not in old]
            where = name if database.from_datashare is None else self._place.database
            yield from self._sql.execute(where, [said(statement) for statement in steps])

    # --- how ------------------------------------------------------------------------------

    def _revocations(self, database: str, wanted: Grants, found: Grants) -> Iterator[str]:
        """Of what Redshift granted of itself and the file lists without it."""
        for target, grantee, privileges in implied(self._wanted, database):
            kept = wanted.get(target, {}).get(grantee, privileges)
            for privilege in found.get(target, {}).get(grantee, privileges):
                if privilege in privileges and privilege not in kept:
                    yield revoke_statement((target, grantee, privilege))

    def _contents(self, name: str, share: WorldDatashare, old: WorldDatashare) -> Iterator[Step]:
        head = f"ALTER DATASHARE {name_text(name)}"
        for schema, members in (share.schemas or {}).items():
            known = (old.schemas or {}).get(schema)
            if known is None:
                yield said(f"{head} ADD SCHEMA {name_text(schema)}")
            known = known or _NO_MEMBERS
            for relation in members.relations:
                if relation not in known.relations:
                    yield said(f"{head} ADD TABLE {name_text(schema)}.{name_text(relation)}")
            for function in members.functions:
                if function not in known.functions:
                    yield said(
                        f"{head} ADD FUNCTION {name_text(schema)}.{signature_text(function)}"
                    )
            if members.include_new and not known.include_new:
                yield said(f"{head} SET INCLUDENEW = TRUE FOR SCHEMA {name_text(schema)}")

    def _consumers(self, name: str, share: WorldDatashare, old: WorldDatashare) -> Iterator[Step]:
        for text in share.consumers or {}:
            consumer = ConsumerReference.parse(text)
            if text in (old.consumers or {}):
                continue
            if consumer.namespace is not None:
                guid = self._places.guid_of(self._place.account.number, consumer.namespace)
                who = f"NAMESPACE {literal(guid)}"
            elif consumer.account is not None:
                via = " VIA DATA CATALOG" if consumer.via_data_catalog else ""
                who = f"ACCOUNT {literal(consumer.account)}{via}"
            else:
                # A share MANAGEDBY ADX is granted to it by CREATE DATASHARE.
                continue
            yield said(f"GRANT USAGE ON DATASHARE {name_text(name)} TO {who}")


def _defaults(database: WorldDatabase) -> Iterator[str]:
    for defaults in database.default_privileges or ():
        yield from default_statements(defaults)


def _create(name: str, share: WorldDatashare) -> str:
    public = " SET PUBLICACCESSIBLE TRUE" if share.publicly_accessible else ""
    managed = f" MANAGEDBY {share.managed_by}" if share.managed_by else ""
    return f"CREATE DATASHARE {name_text(name)}{public}{managed}"
