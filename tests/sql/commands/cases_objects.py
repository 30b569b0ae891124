"""Statements on schemas, tables, users and the catalog, and what they are read as."""

from __future__ import annotations

from redshare.core.privileges import GranteeKind
from redshare.sql.commands.copy import Copy, CopyOptions
from redshare.sql.commands.credentials import Authorization
from redshare.sql.commands.data import Call
from redshare.sql.commands.function import DropFunction
from redshare.sql.commands.grant_readers import Recipient
from redshare.sql.commands.schema import AlterSchema, CreateSchema, DropSchema
from redshare.sql.commands.show import (
    GrantsOn,
    KeyKind,
    ShowCatalogDatabases,
    ShowColumnGrants,
    ShowColumns,
    ShowConstraints,
    ShowDatabases,
    ShowFunctions,
    ShowGrants,
    ShowGrantsFor,
    ShowParameters,
    ShowProcedure,
    ShowProcedures,
    ShowSchemas,
    ShowTable,
    ShowTableGrants,
    ShowTables,
    ShowView,
)
from redshare.sql.commands.table import (
    AddColumn,
    AddConstraint,
    AlterColumnEncode,
    AlterColumnType,
    AlterDistStyle,
    AlterEncodeAuto,
    AlterRelation,
    AlterSortKey,
    Analyze,
    AppendFrom,
    AutoRefresh,
    Comment,
    CommentTarget,
    DropColumn,
    DropConstraint,
    DropRelations,
    LockTables,
    Masking,
    OwnerTo,
    RefreshMaterializedView,
    RelationKind,
    RenameColumn,
    RenameTo,
    RowLevelSecurity,
    SetSchema,
    Truncate,
    Vacuum,
)
from redshare.sql.commands.unload import Unload, UnloadOptions
from redshare.sql.commands.user import (
    AlterGroup,
    AlterRole,
    AlterUser,
    AlterUserSet,
    CreateGroup,
    CreateRole,
    CreateUser,
    DropGroup,
    DropRole,
    DropUser,
    UserOptions,
)
from redshare.sql.commands.values import FunctionName, Parameter, Password

T = ("t",)
BOB = Recipient(GranteeKind.USER, "bob")
P1, P2, P3, P4 = (Parameter(number) for number in (1, 2, 3, 4))
N1, N2, N3 = (Parameter(number, is_name=True) for number in (1, 2, 3))

SCHEMAS: list[tuple[str, object]] = [
    ("CREATE SCHEMA s", CreateSchema(("s",))),
    ("create schema if not exists s authorization bob", CreateSchema(("s",), "bob", None, True)),
    ("CREATE SCHEMA d.s", CreateSchema(("d", "s"))),
    ("CREATE SCHEMA AUTHORIZATION bob", CreateSchema(None, "bob")),
    ("CREATE SCHEMA s QUOTA 10 GB", CreateSchema(("s",), quota="10 GB")),
    ("create schema s authorization bob quota unlimited", CreateSchema(("s",), "bob", "UNLIMITED")),
    ("CREATE SCHEMA s QUOTA 5", CreateSchema(("s",), quota="5 MB")),
    ("ALTER SCHEMA s RENAME TO u", AlterSchema(("s",), "u")),
    ("ALTER SCHEMA s OWNER TO bob", AlterSchema(("s",), owner="bob")),
    ("ALTER SCHEMA s QUOTA 1 TB", AlterSchema(("s",), quota="1 TB")),
    ("DROP SCHEMA s", DropSchema((("s",),))),
    ("drop schema if exists s, d.u cascade", DropSchema((("s",), ("d", "u")), True, True)),
    ("DROP SCHEMA s RESTRICT", DropSchema((("s",),))),
    ("DROP SCHEMA s DROP EXTERNAL DATABASE", DropSchema((("s",),), drop_external=True)),
]

TABLES: list[tuple[str, object]] = [
    ("DROP TABLE t", DropRelations(RelationKind.TABLE, (T,))),
    (
        "drop table if exists d.s.t, u cascade",
        DropRelations(RelationKind.TABLE, (("d", "s", "t"), ("u",)), True, True),
    ),
    ("DROP TABLE #temp", DropRelations(RelationKind.TABLE, (("#temp",),))),
    (
        'drop view if exists "s"."v" restrict',
        DropRelations(RelationKind.VIEW, (("s", "v"),), True),
    ),
    ("DROP MATERIALIZED VIEW m", DropRelations(RelationKind.MATERIALIZED_VIEW, (("m",),))),
    ("REFRESH MATERIALIZED VIEW m CASCADE", RefreshMaterializedView(("m",), True)),
    (
        "ALTER MATERIALIZED VIEW m AUTO REFRESH YES",
        AlterRelation(("m",), AutoRefresh(True), RelationKind.MATERIALIZED_VIEW),
    ),
    (
        "ALTER MATERIALIZED VIEW m OWNER TO bob",
        AlterRelation(("m",), OwnerTo("bob"), RelationKind.MATERIALIZED_VIEW),
    ),
    (
        "ALTER MATERIALIZED VIEW m RENAME TO n",
        AlterRelation(("m",), RenameTo("n"), RelationKind.MATERIALIZED_VIEW),
    ),
    (
        "ALTER MATERIALIZED VIEW m ALTER DISTSTYLE ALL",
        AlterRelation(("m",), AlterDistStyle("ALL"), RelationKind.MATERIALIZED_VIEW),
    ),
    (
        "ALTER MATERIALIZED VIEW m ALTER SORTKEY (a)",
        AlterRelation(("m",), AlterSortKey(("a",)), RelationKind.MATERIALIZED_VIEW),
    ),
    ("ALTER TABLE t APPEND FROM u IGNOREEXTRA", AppendFrom(T, ("u",), True)),
    ("DROP FUNCTION f(int) CASCADE", DropFunction(FunctionName(("f",), ("int",)), True)),
    (
        "COMMENT ON FUNCTION f(int) IS 'x'",
        Comment(CommentTarget.FUNCTION, ("f",), "x", None, ("int",)),
    ),
    ("DROP TABLE s.table", DropRelations(RelationKind.TABLE, (("s", "table"),))),
    ("ALTER TABLE t RENAME TO u", AlterRelation(T, RenameTo("u"))),
    ("ALTER TABLE t RENAME COLUMN a TO b", AlterRelation(T, RenameColumn("a", "b"))),
    ("alter table t rename a to b", AlterRelation(T, RenameColumn("a", "b"))),
    (
        "ALTER TABLE t ADD COLUMN a numeric(5, 2) DEFAULT 0 NOT NULL",
        AlterRelation(T, AddColumn("a", "numeric(5, 2) DEFAULT 0 NOT NULL")),
    ),
    ("alter table t add a int encode lzo", AlterRelation(T, AddColumn("a", "int encode lzo"))),
    (
        "ALTER TABLE t ADD PRIMARY KEY (a, b)",
        AlterRelation(T, AddConstraint("PRIMARY KEY (a, b)")),
    ),
    (
        "ALTER TABLE t ADD CONSTRAINT c UNIQUE (a)",
        AlterRelation(T, AddConstraint("CONSTRAINT c UNIQUE (a)")),
    ),
    ("ALTER TABLE t DROP CONSTRAINT c CASCADE", AlterRelation(T, DropConstraint("c", True))),
    ("ALTER TABLE t DROP COLUMN a", AlterRelation(T, DropColumn("a"))),
    ("alter table t drop a cascade", AlterRelation(T, DropColumn("a", True))),
    (
        "ALTER TABLE t ALTER COLUMN a TYPE varchar(300)",
        AlterRelation(T, AlterColumnType("a", "varchar(300)")),
    ),
    (
        "alter table t alter a type character varying ( 10 )",
        AlterRelation(T, AlterColumnType("a", "character varying ( 10 )")),
    ),
    (
        "ALTER TABLE t ALTER COLUMN a ENCODE zstd",
        AlterRelation(T, AlterColumnEncode((("a", "zstd"),))),
    ),
    (
        "alter table t alter column a encode RAW",
        AlterRelation(T, AlterColumnEncode((("a", "raw"),))),
    ),
    (
        "ALTER TABLE t ALTER COLUMN a ENCODE zstd, ALTER b ENCODE raw",
        AlterRelation(T, AlterColumnEncode((("a", "zstd"), ("b", "raw")))),
    ),
    ("ALTER TABLE t OWNER TO bob", AlterRelation(T, OwnerTo("bob"))),
    ("ALTER TABLE t SET SCHEMA s", AlterRelation(T, SetSchema("s"))),
    ("ALTER TABLE t ALTER DISTSTYLE ALL", AlterRelation(T, AlterDistStyle("ALL"))),
    ("ALTER TABLE t ALTER DISTSTYLE EVEN", AlterRelation(T, AlterDistStyle("EVEN"))),
    (
        "ALTER TABLE t ALTER DISTSTYLE KEY DISTKEY a",
        AlterRelation(T, AlterDistStyle("KEY", "a")),
    ),
    ("ALTER TABLE t ALTER DISTKEY a", AlterRelation(T, AlterDistStyle("KEY", "a"))),
    (
        "ALTER TABLE t ALTER COMPOUND SORTKEY (a, b)",
        AlterRelation(T, AlterSortKey(("a", "b"))),
    ),
    ("alter table t alter sortkey(a)", AlterRelation(T, AlterSortKey(("a",)))),
    (
        "ALTER TABLE t ALTER INTERLEAVED SORTKEY (a)",
        AlterRelation(T, AlterSortKey(("a",), interleaved=True)),
    ),
    ("ALTER TABLE t ALTER SORTKEY AUTO", AlterRelation(T, AlterSortKey(automatic=True))),
    ("ALTER TABLE t ALTER SORTKEY NONE", AlterRelation(T, AlterSortKey())),
    ("ALTER TABLE t ALTER ENCODE AUTO", AlterRelation(T, AlterEncodeAuto())),
    ("ALTER TABLE t ROW LEVEL SECURITY ON", AlterRelation(T, RowLevelSecurity(True))),
    (
        "ALTER MATERIALIZED VIEW t ROW LEVEL SECURITY OFF",
        AlterRelation(T, RowLevelSecurity(False), RelationKind.MATERIALIZED_VIEW),
    ),
    (
        "ALTER TABLE t ROW LEVEL SECURITY OFF FOR DATASHARES",
        AlterRelation(T, RowLevelSecurity(False, True)),
    ),
    (
        "ALTER TABLE t ROW LEVEL SECURITY ON CONJUNCTION TYPE OR",
        AlterRelation(T, RowLevelSecurity(True, conjunction="OR")),
    ),
    ("ALTER TABLE t MASKING OFF FOR DATASHARES", AlterRelation(T, Masking(False))),
    (
        "ALTER VIEW v RENAME TO w",
        AlterRelation(("v",), RenameTo("w"), RelationKind.VIEW),
    ),
    ("ALTER VIEW v OWNER TO bob", AlterRelation(("v",), OwnerTo("bob"), RelationKind.VIEW)),
    ("TRUNCATE t", Truncate(T)),
    ("truncate table d.s.t", Truncate(("d", "s", "t"))),
    ("COMMENT ON TABLE t IS 'it''s'", Comment(CommentTarget.TABLE, T, "it's")),
    (
        "comment on column d.s.t.a is null",
        Comment(CommentTarget.COLUMN, ("d", "s", "t", "a"), None),
    ),
    (
        "COMMENT ON CONSTRAINT c ON s.t IS 'x'",
        Comment(CommentTarget.CONSTRAINT, ("c",), "x", ("s", "t")),
    ),
    ("LOCK t", LockTables((T,))),
    ("lock table t, u in access exclusive mode", LockTables((T, ("u",)))),
    ("ANALYZE", Analyze()),
    ("analyze verbose t (a, b)", Analyze(T, ("a", "b"))),
    ("ANALYZE t PREDICATE COLUMNS", Analyze(T)),
    ("VACUUM", Vacuum()),
    ("VACUUM SORT ONLY t TO 75 PERCENT", Vacuum(T, "SORT", 75)),
    ("vacuum delete only t boost", Vacuum(T, "DELETE", boost=True)),
    ("VACUUM t", Vacuum(T)),
    ("VACUUM REINDEX t", Vacuum(T, "REINDEX")),
]

USERS: list[tuple[str, object]] = [
    (
        "CREATE USER bob PASSWORD 'Secret123'",
        CreateUser("bob", UserOptions(Password("Secret123"))),
    ),
    ("CREATE USER bob", CreateUser("bob")),
    (
        "create user bob with password disable createdb nocreateuser",
        CreateUser("bob", UserOptions(password_disabled=True, create_db=True, create_user=False)),
    ),
    (
        (
            "CREATE USER bob PASSWORD 'md5153c434b4b77c89e6b94f12c5393af5b' NOCREATEDB CREATEUSER"
            " IN GROUP a, b SYSLOG ACCESS UNRESTRICTED VALID UNTIL '2030-01-01'"
            " CONNECTION LIMIT 5 SESSION TIMEOUT 120"
        ),
        CreateUser(
            "bob",
            UserOptions(
                Password("md5153c434b4b77c89e6b94f12c5393af5b"),
                create_db=False,
                create_user=True,
                syslog_unrestricted=True,
                valid_until="2030-01-01",
                connection_limit=5,
                session_timeout=120,
            ),
            ("a", "b"),
        ),
    ),
    (
        "create user bob password $1",
        CreateUser("bob", UserOptions(Password(P1))),
    ),
    (
        "ALTER USER bob PASSWORD 'sha256|0123'",
        AlterUser("bob", UserOptions(Password("sha256|0123"))),
    ),
    (
        "alter user bob connection limit unlimited reset session timeout",
        AlterUser("bob", UserOptions(connection_limit=-1), reset_session_timeout=True),
    ),
    ("ALTER USER bob RENAME TO rob", AlterUser("bob", new_name="rob")),
    (
        "ALTER USER bob SET search_path TO a, b",
        AlterUserSet("bob", "search_path", ("a", "b")),
    ),
    ("alter user bob set query_group = default", AlterUserSet("bob", "query_group")),
    ("ALTER USER bob RESET query_group", AlterUserSet("bob", "query_group")),
    ("DROP USER bob", DropUser(("bob",))),
    ("drop user if exists bob, rob", DropUser(("bob", "rob"), True)),
    ("CREATE GROUP g", CreateGroup("g")),
    ("create group g with user bob, rob", CreateGroup("g", ("bob", "rob"))),
    ("ALTER GROUP g ADD USER bob", AlterGroup("g", add=("bob",))),
    ("ALTER GROUP g DROP USER bob, rob", AlterGroup("g", drop=("bob", "rob"))),
    ("ALTER GROUP g RENAME TO h", AlterGroup("g", new_name="h")),
    ("DROP GROUP g", DropGroup("g")),
    ("CREATE ROLE r", CreateRole("r")),
    ("CREATE ROLE r EXTERNALID 'abc'", CreateRole("r", "abc")),
    ("ALTER ROLE r RENAME TO q", AlterRole("r", "q")),
    ("alter role r with owner to bob", AlterRole("r", owner="bob")),
    ("ALTER ROLE r EXTERNALID TO 'abc'", AlterRole("r", external_id="abc")),
    ("DROP ROLE r", DropRole("r")),
    ("drop role r force", DropRole("r", True)),
]

SHOWS: list[tuple[str, object]] = [
    ("SHOW DATABASES", ShowDatabases()),
    ("SHOW DATABASES FROM DATA CATALOG", ShowCatalogDatabases()),
    (
        "show databases from data catalog account '1', '2' like 'a%' limit 3",
        ShowCatalogDatabases(("1", "2"), "a%", 3),
    ),
    ("show databases like 'd%' limit 5", ShowDatabases("d%", 5)),
    ("SHOW SCHEMAS FROM DATABASE d", ShowSchemas("d")),
    ("SHOW SCHEMAS FROM DATABASE $1 LIKE $2", ShowSchemas(N1, P2)),
    ("SHOW TABLES FROM SCHEMA s", ShowTables(("s",))),
    ("SHOW TABLES FROM SCHEMA $1.$2 LIKE $3", ShowTables((N1, N2), pattern=P3)),
    ("show tables from schema ?.? limit 3", ShowTables((N1, N2), limit=3)),
    ("SHOW TABLES FROM DATABASE d", ShowTables(database="d")),
    (
        "SHOW TABLES FROM DATABASE $1 WHERE SCHEMA_NAME LIKE $2 AND TABLE_NAME LIKE $3",
        ShowTables(None, N1, P2, P3),
    ),
    ("SHOW COLUMNS FROM TABLE d.s.t", ShowColumns(("d", "s", "t"))),
    ("SHOW COLUMNS FROM TABLE $1.$2.$3 LIKE $4", ShowColumns((N1, N2, N3), pattern=P4)),
    (
        "SHOW COLUMNS FROM DATABASE d WHERE TABLE_NAME LIKE 't' AND COLUMN_NAME LIKE 'c'",
        ShowColumns(None, "d", None, "t", "c"),
    ),
    ("SHOW TABLE d.s.t", ShowTable(("d", "s", "t"))),
    ("show view v", ShowView(("v",))),
    ("SHOW PROCEDURE p(int)", ShowProcedure(FunctionName(("p",), ("int",)))),
    (
        "SHOW GRANTS ON TABLES FROM DATABASE $1 WHERE TABLE_NAME LIKE $2",
        ShowTableGrants(N1, None, P2),
    ),
    ("SHOW GRANTS ON DATABASE d", ShowGrants(GrantsOn.DATABASE, ("d",))),
    (
        "SHOW GRANTS ON DATASHARE s FOR bob",
        ShowGrants(GrantsOn.DATASHARE, ("s",), recipient=BOB),
    ),
    (
        "SHOW GRANTS ON FUNCTION s.f(int) FOR PUBLIC",
        ShowGrants(GrantsOn.FUNCTION, ("s", "f"), ("int",), Recipient(GranteeKind.PUBLIC)),
    ),
    ("show grants on procedure p()", ShowGrants(GrantsOn.PROCEDURE, ("p",), ())),
    (
        "SHOW GRANTS ON SCHEMA d.s FOR ROLE r LIMIT 5",
        ShowGrants(
            GrantsOn.SCHEMA, ("d", "s"), recipient=Recipient(GranteeKind.ROLE, "r"), limit=5
        ),
    ),
    ("SHOW GRANTS ON TABLE $1.$2.$3", ShowGrants(GrantsOn.TABLE, (N1, N2, N3))),
    ("show grants on t", ShowGrants(GrantsOn.TABLE, T)),
    ("SHOW GRANTS FOR bob", ShowGrantsFor(BOB)),
    (
        "SHOW GRANTS FOR ROLE r FROM DATABASE d LIMIT 1",
        ShowGrantsFor(Recipient(GranteeKind.ROLE, "r"), "d", 1),
    ),
    (
        "SHOW COLUMN GRANTS ON TABLE $1.$2.$3 LIKE $4",
        ShowColumnGrants((N1, N2, N3), P4),
    ),
    ("SHOW FUNCTIONS FROM SCHEMA d.s LIKE 'f%'", ShowFunctions(("d", "s"), "f%")),
    ("SHOW PROCEDURES FROM SCHEMA $1.$2", ShowProcedures((N1, N2))),
    (
        "SHOW PARAMETERS OF PROCEDURE $1.$2.$3($4, $5) LIKE $6",
        ShowParameters(FunctionName((N1, N2, N3), (P4, Parameter(5))), True, Parameter(6)),
    ),
    ("SHOW PARAMETERS OF FUNCTION f()", ShowParameters(FunctionName(("f",), ()))),
    (
        "SHOW CONSTRAINTS PRIMARY KEYS FROM TABLE t",
        ShowConstraints(KeyKind.PRIMARY, T),
    ),
    (
        "SHOW CONSTRAINTS FOREIGN KEYS FROM TABLE $1.$2.$3",
        ShowConstraints(KeyKind.FOREIGN, (N1, N2, N3)),
    ),
    (
        "SHOW CONSTRAINTS FOREIGN KEYS EXPORTED FROM TABLE t",
        ShowConstraints(KeyKind.EXPORTED, T),
    ),
]

DATA: list[tuple[str, object]] = [
    (
        "COPY s.t (a, b) FROM 's3://b/k' IAM_ROLE 'arn' FORMAT CSV",
        Copy(
            ("s", "t"),
            "s3://b/k",
            ("a", "b"),
            CopyOptions(format="csv"),
            Authorization(iam_role="arn"),
        ),
    ),
    ("copy t from 's3://b/k'", Copy(T, "s3://b/k")),
    (
        "UNLOAD ('select ''x''') TO 's3://b/k' IAM_ROLE default",
        Unload("select 'x'", "s3://b/k", authorization=Authorization(iam_role="default")),
    ),
    (
        "unload ($$select 'x'$$) to 's3://b/k' parquet",
        Unload("select 'x'", "s3://b/k", UnloadOptions(format="parquet")),
    ),
    (
        "copy t from 's3://b/k' iam_role default delimiter as ',' null '\\N' gzip maxerror as 5 "
        "acceptinvchars dateformat 'auto' compupdate off statupdate json 'auto ignorecase'",
        Copy(
            T,
            "s3://b/k",
            (),
            CopyOptions(
                format="json",
                format_argument="auto ignorecase",
                delimiter=",",
                null_as="\\N",
                compression="gzip",
                max_errors=5,
                accept_invalid_characters="?",
                date_format="auto",
                compupdate="off",
                statupdate="on",
            ),
            Authorization(iam_role="default"),
        ),
    ),
    (
        "unload ('select 1') to 's3://b/k' credentials 'x' header delimiter '|' escape bzip2 "
        "parallel off maxfilesize 6 mb manifest verbose partition by (a, b) include cleanpath "
        "extension 'txt' format as csv null as 'n'",
        Unload(
            "select 1",
            "s3://b/k",
            UnloadOptions(
                format="csv",
                header=True,
                delimiter="|",
                escape=True,
                compression="bz2",
                parallel=False,
                max_file_size=6 * 1024 * 1024,
                manifest=True,
                verbose=True,
                partition_by=("a", "b"),
                include=True,
                clean_path=True,
                extension="txt",
                null_as="n",
            ),
            Authorization(credentials="x"),
        ),
    ),
    ("CALL s.p(1, f(2, 3))", Call(("s", "p"), ("1", "f(2, 3)"))),
    ("call p()", Call(("p",))),
]
