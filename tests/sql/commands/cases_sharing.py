"""Statements on datashares, grants and databases, and what they are read as."""

from __future__ import annotations

from redshare.core.privileges import GranteeKind, ObjectKind, Privilege
from redshare.sql.commands.database import (
    AlterDatabase,
    Collation,
    CreateDatabase,
    CreateDatabaseFromArn,
    CreateDatabaseFromDatashare,
    CreateExternalSchema,
    DatabaseIsolation,
    DropDatabase,
    ShowUse,
    Use,
)
from redshare.sql.commands.datashare import (
    AlterDatashareObjects,
    AlterDatashareOwner,
    AlterDatashareSet,
    CreateDatashare,
    DescDatashare,
    DropDatashare,
    ShowDatashares,
)
from redshare.sql.commands.grant import (
    AlterDefaultPrivileges,
    Grant,
    GrantDatashareUsage,
    GrantOnDatashare,
    GrantRole,
    GrantSystem,
    GrantToDatashare,
)
from redshare.sql.commands.grant_readers import (
    ConsumerKind,
    DatashareConsumer,
    ObjectPrivilege,
    Recipient,
)
from redshare.sql.commands.objects import (
    AllFunctions,
    AllProcedures,
    AllTables,
    Databases,
    Functions,
    Languages,
    Procedures,
    Schemas,
    Scope,
    Tables,
)
from redshare.sql.commands.values import FunctionName, Parameter

GUID = "13b8833d-17c6-4f16-8fe4-1a018f5ed00d"
ALL = (ObjectPrivilege(None),)
BOB = Recipient(GranteeKind.USER, "bob")
ANALYST = Recipient(GranteeKind.ROLE, "analyst")
OPS = Recipient(GranteeKind.GROUP, "ops")
PUBLIC = Recipient(GranteeKind.PUBLIC)


def on(*privileges: Privilege) -> tuple[ObjectPrivilege, ...]:
    return tuple(ObjectPrivilege(privilege) for privilege in privileges)


SELECT = on(Privilege.SELECT)
USAGE = on(Privilege.USAGE)
EXECUTE = on(Privilege.EXECUTE)
T = Tables((("s", "t"),))


def namespace(value: str = GUID, *, quoted: bool = True) -> DatashareConsumer:
    return DatashareConsumer(ConsumerKind.NAMESPACE, value, quoted)


def account(
    value: str = "123456789012", *, quoted: bool = True, catalog: bool = False
) -> DatashareConsumer:
    return DatashareConsumer(ConsumerKind.ACCOUNT, value, quoted, catalog)


def local(value: str) -> DatashareConsumer:
    return DatashareConsumer(ConsumerKind.LOCAL, value, quoted=False)


DATASHARES: list[tuple[str, object]] = [
    ("CREATE DATASHARE salesshare", CreateDatashare("salesshare")),
    ("create datashare SalesShare", CreateDatashare("salesshare")),
    ('create datashare "sales-share"', CreateDatashare("sales-share")),
    ('create datashare "Sales"', CreateDatashare("sales")),
    ("/* {} */ create /* x */ datashare -- y\n s", CreateDatashare("s")),
    ("create datashare $1", CreateDatashare(Parameter(1, is_name=True))),
    ("create datashare ?", CreateDatashare(Parameter(1, is_name=True))),
    ("CREATE DATASHARE s SET PUBLICACCESSIBLE TRUE", CreateDatashare("s", True)),
    ("CREATE DATASHARE s PUBLICACCESSIBLE = false", CreateDatashare("s", False)),
    ("CREATE DATASHARE s SET PUBLICACCESSIBLE=TRUE", CreateDatashare("s", True)),
    ("CREATE DATASHARE s MANAGEDBY ADX", CreateDatashare("s", False, True)),
    (
        "CREATE DATASHARE s SET PUBLICACCESSIBLE TRUE, SET MANAGEDBY = ADX",
        CreateDatashare("s", True, True),
    ),
    (
        "CREATE DATASHARE s PUBLICACCESSIBLE TRUE MANAGEDBY ADX",
        CreateDatashare("s", True, True),
    ),
    ("ALTER DATASHARE s ADD TABLE s.t", AlterDatashareObjects("s", True, T)),
    (
        "alter datashare s add table t, public.u, db.public.v",
        AlterDatashareObjects("s", True, Tables((("t",), ("public", "u"), ("db", "public", "v")))),
    ),
    (
        'alter datashare s add table "dev"."public"."my table"',
        AlterDatashareObjects("s", True, Tables((("dev", "public", "my table"),))),
    ),
    ("ALTER DATASHARE s REMOVE TABLE s.t", AlterDatashareObjects("s", False, T)),
    (
        "ALTER DATASHARE s ADD SCHEMA a, b",
        AlterDatashareObjects("s", True, Schemas((("a",), ("b",)))),
    ),
    ("alter datashare s remove schema a", AlterDatashareObjects("s", False, Schemas((("a",),)))),
    (
        "ALTER DATASHARE s ADD FUNCTION a.f(int, character varying(10)), g()",
        AlterDatashareObjects(
            "s",
            True,
            Functions(
                (
                    FunctionName(("a", "f"), ("int", "character varying(10)")),
                    FunctionName(("g",), ()),
                )
            ),
        ),
    ),
    (
        "ALTER DATASHARE s REMOVE FUNCTION a.f",
        AlterDatashareObjects("s", False, Functions((FunctionName(("a", "f")),))),
    ),
    (
        "ALTER DATASHARE s ADD ALL TABLES IN SCHEMA a, b",
        AlterDatashareObjects("s", True, AllTables((("a",), ("b",)))),
    ),
    (
        "alter datashare s remove all functions in schema a",
        AlterDatashareObjects("s", False, AllFunctions((("a",),))),
    ),
    ("ALTER DATASHARE s SET PUBLICACCESSIBLE TRUE", AlterDatashareSet("s", True)),
    ("ALTER DATASHARE s SET PUBLICACCESSIBLE = FALSE", AlterDatashareSet("s", False)),
    (
        "ALTER DATASHARE s SET INCLUDENEW = TRUE FOR SCHEMA public",
        AlterDatashareSet("s", None, True, ("public",)),
    ),
    (
        "alter datashare s set publicaccessible true set includenew false for schema a",
        AlterDatashareSet("s", True, False, ("a",)),
    ),
    ("ALTER DATASHARE s OWNER TO bob", AlterDatashareOwner("s", "bob")),
    ("DROP DATASHARE s", DropDatashare("s")),
    ("SHOW DATASHARES", ShowDatashares()),
    ("show datashares like 'sales%'", ShowDatashares("sales%")),
    ("show datashares like $1", ShowDatashares(Parameter(1))),
    ("DESC DATASHARE s", DescDatashare("s")),
    (f"desc datashare s of namespace '{GUID}'", DescDatashare("s", None, GUID)),
    (
        f"DESC DATASHARE s OF ACCOUNT '123456789012' NAMESPACE '{GUID}'",
        DescDatashare("s", "123456789012", GUID),
    ),
    (
        f"desc datashare s of account 012345678901 namespace {GUID}",
        DescDatashare("s", "012345678901", GUID),
    ),
]

GRANTS: list[tuple[str, object]] = [
    (
        f"GRANT USAGE ON DATASHARE s TO NAMESPACE '{GUID}'",
        GrantDatashareUsage("s", (namespace(),)),
    ),
    (
        f"grant usage on datashare s to namespace {GUID}",
        GrantDatashareUsage("s", (namespace(quoted=False),)),
    ),
    (
        f'grant usage on datashare s to namespace "{GUID}"',
        GrantDatashareUsage("s", (namespace(quoted=False),)),
    ),
    (
        "grant usage on datashare s to account '123456789012'",
        GrantDatashareUsage("s", (account(),)),
    ),
    (
        "GRANT USAGE ON DATASHARE s TO ACCOUNT 123456789012",
        GrantDatashareUsage("s", (account(quoted=False),)),
    ),
    (
        "GRANT USAGE ON DATASHARE s TO ACCOUNT '123456789012' VIA DATA CATALOG",
        GrantDatashareUsage("s", (account(catalog=True),)),
    ),
    ("GRANT USAGE ON DATASHARE s TO ACCOUNT 'ADX'", GrantDatashareUsage("s", (account("ADX"),))),
    (
        f"GRANT USAGE ON DATASHARE s TO NAMESPACE '{GUID}', NAMESPACE 'x', ACCOUNT '1'",
        GrantDatashareUsage("s", (namespace(), namespace("x"), account("1"))),
    ),
    (
        "grant usage on datashare s to namespace $1",
        GrantDatashareUsage(
            "s", (DatashareConsumer(ConsumerKind.NAMESPACE, Parameter(1), quoted=True),)
        ),
    ),
    ("GRANT USAGE ON DATASHARE s TO bob", GrantDatashareUsage("s", (local("bob"),))),
    ("GRANT USAGE ON DATASHARE s TO ROLE analyst", GrantDatashareUsage("s", (local("analyst"),))),
    ("GRANT USAGE ON DATASHARE s TO PUBLIC", GrantDatashareUsage("s", (local("public"),))),
    (
        f"REVOKE USAGE ON DATASHARE s FROM NAMESPACE '{GUID}'",
        GrantDatashareUsage("s", (namespace(),), revoke=True),
    ),
    (
        "revoke usage on datashare s from account '123456789012' via data catalog",
        GrantDatashareUsage("s", (account(catalog=True),), revoke=True),
    ),
    (
        (
            "GRANT ALTER, SHARE ON DATASHARE s"
            " TO bob WITH GRANT OPTION, ROLE analyst, GROUP ops,PUBLIC"
        ),
        GrantOnDatashare(
            on(Privilege.ALTER, Privilege.SHARE),
            "s",
            (Recipient(GranteeKind.USER, "bob", grant_option=True), ANALYST, OPS, PUBLIC),
        ),
    ),
    ("grant all on datashare s to bob", GrantOnDatashare(ALL, "s", (BOB,))),
    (
        "REVOKE GRANT OPTION FOR SHARE ON DATASHARE s FROM bob CASCADE",
        GrantOnDatashare(
            on(Privilege.SHARE), "s", (BOB,), revoke=True, option_only=True, cascade=True
        ),
    ),
    (
        "revoke alter on datashare s from role analyst",
        GrantOnDatashare(on(Privilege.ALTER), "s", (ANALYST,), revoke=True),
    ),
    ("GRANT SELECT ON s.t TO DATASHARE d", GrantToDatashare(SELECT, T, "d")),
    (
        (
            "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, DROP, ALTER, REFERENCES"
            " ON TABLE s.t, u TO DATASHARE d"
        ),
        GrantToDatashare(
            on(
                Privilege.SELECT,
                Privilege.INSERT,
                Privilege.UPDATE,
                Privilege.DELETE,
                Privilege.TRUNCATE,
                Privilege.DROP,
                Privilege.ALTER,
                Privilege.REFERENCES,
            ),
            Tables((("s", "t"), ("u",))),
            "d",
        ),
    ),
    ("REVOKE SELECT ON s.t FROM DATASHARE d", GrantToDatashare(SELECT, T, "d", revoke=True)),
    (
        "GRANT ALL ON ALL TABLES IN SCHEMA s, u TO DATASHARE d",
        GrantToDatashare(ALL, AllTables((("s",), ("u",))), "d"),
    ),
    (
        "REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA s FROM DATASHARE d",
        GrantToDatashare(ALL, AllTables((("s",),)), "d", revoke=True),
    ),
    (
        "GRANT USAGE, CREATE ON SCHEMA s, u TO DATASHARE d",
        GrantToDatashare(on(Privilege.USAGE, Privilege.CREATE), Schemas((("s",), ("u",))), "d"),
    ),
    (
        "revoke usage on schema s from datashare d",
        GrantToDatashare(USAGE, Schemas((("s",),)), "d", revoke=True),
    ),
    (
        "GRANT USAGE ON DATABASE x TO DATASHARE d",
        GrantToDatashare(USAGE, Databases(("x",)), "d"),
    ),
    (
        "REVOKE USAGE ON DATABASE x FROM DATASHARE d",
        GrantToDatashare(USAGE, Databases(("x",)), "d", revoke=True),
    ),
    (
        "GRANT EXECUTE ON FUNCTION s.f(int) TO DATASHARE d",
        GrantToDatashare(EXECUTE, Functions((FunctionName(("s", "f"), ("int",)),)), "d"),
    ),
    (
        "REVOKE EXECUTE ON FUNCTION s.f(int) FROM DATASHARE d",
        GrantToDatashare(
            EXECUTE, Functions((FunctionName(("s", "f"), ("int",)),)), "d", revoke=True
        ),
    ),
    (
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA s TO DATASHARE d",
        GrantToDatashare(EXECUTE, AllFunctions((("s",),)), "d"),
    ),
    (
        "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA s FROM DATASHARE d",
        GrantToDatashare(EXECUTE, AllFunctions((("s",),)), "d", revoke=True),
    ),
    (
        "GRANT EXECUTE ON PROCEDURE p() TO DATASHARE d",
        GrantToDatashare(EXECUTE, Procedures((FunctionName(("p",), ()),)), "d"),
    ),
    (
        "REVOKE EXECUTE ON PROCEDURE p() FROM DATASHARE d",
        GrantToDatashare(EXECUTE, Procedures((FunctionName(("p",), ()),)), "d", revoke=True),
    ),
    (
        "GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA s TO DATASHARE d",
        GrantToDatashare(EXECUTE, AllProcedures((("s",),)), "d"),
    ),
    (
        "REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA s FROM DATASHARE d",
        GrantToDatashare(EXECUTE, AllProcedures((("s",),)), "d", revoke=True),
    ),
    (
        "GRANT USAGE ON LANGUAGE sql TO DATASHARE d",
        GrantToDatashare(USAGE, Languages(("sql",)), "d"),
    ),
    (
        "REVOKE USAGE ON LANGUAGE sql FROM DATASHARE d",
        GrantToDatashare(USAGE, Languages(("sql",)), "d", revoke=True),
    ),
    (
        "GRANT CREATE, USAGE FOR SCHEMAS IN DATABASE x TO DATASHARE d",
        GrantToDatashare(
            on(Privilege.CREATE, Privilege.USAGE),
            Scope(ObjectKind.SCHEMAS, None, "x"),
            "d",
        ),
    ),
    (
        "grant select for tables in schema s database x to datashare d",
        GrantToDatashare(SELECT, Scope(ObjectKind.TABLES, "s", "x"), "d"),
    ),
    (
        "GRANT ALL FOR TABLES IN SCHEMA s TO DATASHARE d",
        GrantToDatashare(ALL, Scope(ObjectKind.TABLES, "s"), "d"),
    ),
    (
        "REVOKE EXECUTE FOR FUNCTIONS IN DATABASE x FROM DATASHARE d",
        GrantToDatashare(EXECUTE, Scope(ObjectKind.FUNCTIONS, None, "x"), "d", revoke=True),
    ),
    ("GRANT SELECT ON s.t TO bob", Grant(SELECT, T, (BOB,))),
    (
        'grant select on table "user" to bob',
        Grant(SELECT, Tables((("user",),)), (BOB,)),
    ),
    (
        'grant select on "d"."s"."t" to "bob"',
        Grant(SELECT, Tables((("d", "s", "t"),)), (BOB,)),
    ),
    (
        "GRANT SELECT (a, b), UPDATE (c) ON s.t TO ROLE analyst",
        Grant(
            (
                ObjectPrivilege(Privilege.SELECT, ("a", "b")),
                ObjectPrivilege(Privilege.UPDATE, ("c",)),
            ),
            T,
            (ANALYST,),
        ),
    ),
    (
        "GRANT ALL (a) ON s.t TO bob",
        Grant((ObjectPrivilege(None, ("a",)),), T, (BOB,)),
    ),
    (
        "REVOKE GRANT OPTION FOR SELECT ON s.t FROM bob RESTRICT",
        Grant(SELECT, T, (BOB,), revoke=True, option_only=True),
    ),
    (
        "revoke all privileges on table s.t from group ops, public cascade",
        Grant(ALL, T, (OPS, PUBLIC), revoke=True, cascade=True),
    ),
    (
        "GRANT SELECT ON ALL TABLES IN SCHEMA s TO GROUP ops",
        Grant(SELECT, AllTables((("s",),)), (OPS,)),
    ),
    (
        "REVOKE SELECT ON ALL TABLES IN SCHEMA s FROM bob",
        Grant(SELECT, AllTables((("s",),)), (BOB,), revoke=True),
    ),
    ("GRANT USAGE ON SCHEMA d.s TO bob", Grant(USAGE, Schemas((("d", "s"),)), (BOB,))),
    (
        "REVOKE USAGE ON SCHEMA s FROM PUBLIC",
        Grant(USAGE, Schemas((("s",),)), (PUBLIC,), revoke=True),
    ),
    (
        "GRANT USAGE ON DATABASE x, y TO bob, ROLE analyst",
        Grant(USAGE, Databases(("x", "y")), (BOB, ANALYST)),
    ),
    (
        "grant create, temporary on database x to bob",
        Grant(on(Privilege.CREATE, Privilege.TEMP), Databases(("x",)), (BOB,)),
    ),
    (
        "REVOKE TEMP ON DATABASE x FROM bob",
        Grant(on(Privilege.TEMP), Databases(("x",)), (BOB,), revoke=True),
    ),
    (
        "GRANT EXECUTE ON FUNCTION f(int, varchar) TO bob",
        Grant(EXECUTE, Functions((FunctionName(("f",), ("int", "varchar")),)), (BOB,)),
    ),
    (
        "REVOKE EXECUTE ON FUNCTION f FROM bob",
        Grant(EXECUTE, Functions((FunctionName(("f",)),)), (BOB,), revoke=True),
    ),
    (
        "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA s TO bob",
        Grant(EXECUTE, AllFunctions((("s",),)), (BOB,)),
    ),
    (
        "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA s FROM bob",
        Grant(EXECUTE, AllFunctions((("s",),)), (BOB,), revoke=True),
    ),
    (
        "GRANT EXECUTE ON PROCEDURE p() TO bob",
        Grant(EXECUTE, Procedures((FunctionName(("p",), ()),)), (BOB,)),
    ),
    (
        "REVOKE EXECUTE ON PROCEDURE p() FROM bob",
        Grant(EXECUTE, Procedures((FunctionName(("p",), ()),)), (BOB,), revoke=True),
    ),
    (
        "GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA s TO bob",
        Grant(EXECUTE, AllProcedures((("s",),)), (BOB,)),
    ),
    (
        "REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA s FROM bob",
        Grant(EXECUTE, AllProcedures((("s",),)), (BOB,), revoke=True),
    ),
    ("GRANT USAGE ON LANGUAGE sql TO bob", Grant(USAGE, Languages(("sql",)), (BOB,))),
    (
        "REVOKE USAGE ON LANGUAGE sql FROM bob",
        Grant(USAGE, Languages(("sql",)), (BOB,), revoke=True),
    ),
    (
        "GRANT SELECT FOR TABLES IN DATABASE x TO ROLE analyst",
        Grant(SELECT, Scope(ObjectKind.TABLES, None, "x"), (ANALYST,)),
    ),
    (
        "REVOKE USAGE FOR SCHEMAS IN DATABASE x FROM ROLE analyst",
        Grant(USAGE, Scope(ObjectKind.SCHEMAS, None, "x"), (ANALYST,), revoke=True),
    ),
    (
        "GRANT EXECUTE FOR PROCEDURES IN SCHEMA s TO bob",
        Grant(EXECUTE, Scope(ObjectKind.PROCEDURES, "s"), (BOB,)),
    ),
    (
        "GRANT USAGE FOR LANGUAGES IN DATABASE x TO bob",
        Grant(USAGE, Scope(ObjectKind.LANGUAGES, None, "x"), (BOB,)),
    ),
    (
        "GRANT SELECT ON t TO role",
        Grant(SELECT, Tables((("t",),)), (Recipient(GranteeKind.USER, "role"),)),
    ),
    (
        'grant select on t to role "ds:s"',
        Grant(SELECT, Tables((("t",),)), (Recipient(GranteeKind.ROLE, "ds:s"),)),
    ),
    ("GRANT ROLE a TO bob", GrantRole(("a",), (BOB,))),
    (
        "grant role a, role b to bob with admin option, role analyst",
        GrantRole(("a", "b"), (Recipient(GranteeKind.USER, "bob", grant_option=True), ANALYST)),
    ),
    ("REVOKE ROLE a FROM bob", GrantRole(("a",), (BOB,), revoke=True)),
    (
        "REVOKE ADMIN OPTION FOR ROLE a FROM bob",
        GrantRole(("a",), (BOB,), revoke=True, option_only=True),
    ),
    (
        "GRANT CREATE USER, CREATE DATASHARE TO ROLE a WITH ADMIN OPTION",
        GrantSystem(("CREATE USER", "CREATE DATASHARE"), ("a",), admin_option=True),
    ),
    ("grant all privileges to role a", GrantSystem(("ALL",), ("a",))),
    (
        "REVOKE CREATE OR REPLACE VIEW FROM ROLE a, ROLE b",
        GrantSystem(("CREATE OR REPLACE VIEW",), ("a", "b"), revoke=True),
    ),
    (
        "ALTER DEFAULT PRIVILEGES FOR USER bob IN SCHEMA s GRANT SELECT ON TABLES TO GROUP ops",
        AlterDefaultPrivileges(SELECT, ObjectKind.TABLES, (OPS,), ("bob",), ("s",)),
    ),
    (
        "alter default privileges grant execute on functions to public",
        AlterDefaultPrivileges(EXECUTE, ObjectKind.FUNCTIONS, (PUBLIC,)),
    ),
    (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA s REVOKE EXECUTE ON PROCEDURES FROM bob",
        AlterDefaultPrivileges(EXECUTE, ObjectKind.PROCEDURES, (BOB,), schemas=("s",), revoke=True),
    ),
]

DATABASES: list[tuple[str, object]] = [
    (
        f"CREATE DATABASE d FROM DATASHARE s OF NAMESPACE '{GUID}'",
        CreateDatabaseFromDatashare("d", "s", GUID),
    ),
    (
        (
            f"create database d with permissions from datashare s"
            f" of account '123456789012' namespace '{GUID}'"
        ),
        CreateDatabaseFromDatashare("d", "s", GUID, "123456789012", True),
    ),
    (
        f"CREATE DATABASE d FROM DATASHARE s OF NAMESPACE {GUID}",
        CreateDatabaseFromDatashare("d", "s", GUID),
    ),
    (
        "CREATE DATABASE d FROM ARN 'arn:aws:glue:x' WITH DATA CATALOG SCHEMA s",
        CreateDatabaseFromArn("d", "arn:aws:glue:x", True, "s"),
    ),
    (
        "create database d from arn 'a' with no data catalog schema",
        CreateDatabaseFromArn("d", "a"),
    ),
    ("create database d from arn 'a'", CreateDatabaseFromArn("d", "a")),
    ("CREATE DATABASE d", CreateDatabase("d")),
    (
        "CREATE DATABASE d WITH OWNER = bob CONNECTION LIMIT 5 COLLATE CI ISOLATION LEVEL SNAPSHOT",
        CreateDatabase("d", "bob", 5, Collation.CASE_INSENSITIVE, DatabaseIsolation.SNAPSHOT),
    ),
    (
        (
            "create database d isolation level serializable collate case_sensitive"
            " connection limit unlimited owner bob"
        ),
        CreateDatabase("d", "bob", -1, Collation.CASE_SENSITIVE, DatabaseIsolation.SERIALIZABLE),
    ),
    ("ALTER DATABASE d RENAME TO e", AlterDatabase("d", new_name="e")),
    ("ALTER DATABASE d OWNER TO bob", AlterDatabase("d", owner="bob")),
    ("ALTER DATABASE d CONNECTION LIMIT UNLIMITED", AlterDatabase("d", connection_limit=-1)),
    (
        "ALTER DATABASE d ISOLATION LEVEL SNAPSHOT",
        AlterDatabase("d", isolation=DatabaseIsolation.SNAPSHOT),
    ),
    ("DROP DATABASE d", DropDatabase("d")),
    ("drop database d force", DropDatabase("d", True)),
    (
        "CREATE EXTERNAL SCHEMA x FROM REDSHIFT DATABASE 'd' SCHEMA 's'",
        CreateExternalSchema("x", "d", "s"),
    ),
    (
        'create external schema if not exists x from redshift database "d"',
        CreateExternalSchema("x", "d", if_not_exists=True),
    ),
    ("USE d", Use("d")),
    ('use "my-db"', Use("my-db")),
    ("RESET USE", Use()),
    ("SHOW USE", ShowUse()),
]
