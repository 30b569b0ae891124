"""`redshare world` between two nodes: read from one, made in the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from redshare.adapters.store.proof import Proof
from redshare.bootstrap import prove_audit
from redshare.cli.world import app
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, STRANGER, RunningNode
from tests.node.world_iam import document, identities, make_identities
from tests.node.world_warehouses import set_attributes, warehouses

pytestmark = pytest.mark.server

#: Every kind of share, consumer, consent and grant.
PRODUCER_SQL = f"""
CREATE USER ann PASSWORD '{PASSWORD}' CREATEDB CONNECTION LIMIT 5 VALID UNTIL '2031-02-03 00:00';
CREATE USER bob PASSWORD DISABLE SESSION TIMEOUT 120;
CREATE GROUP readers WITH USER ann, bob;
CREATE ROLE clerk;
CREATE ROLE boss;
GRANT ROLE clerk TO ROLE boss;
GRANT ROLE boss TO ann WITH ADMIN OPTION;
GRANT ROLE "sys:monitor" TO bob;
GRANT CREATE USER TO ROLE clerk;
CREATE DATABASE other OWNER ann;
CREATE SCHEMA "first" AUTHORIZATION ann;
CREATE TABLE "first".t (a int NOT NULL PRIMARY KEY, b varchar(10) DEFAULT 'x');
CREATE TABLE "first"."odd name" ("select" int REFERENCES "first".t (a));
CREATE TABLE public.u (a int IDENTITY(1, 2), b int DISTKEY) SORTKEY (b);
CREATE VIEW public.a_late AS SELECT a FROM "first".t;
CREATE VIEW public.a_early AS SELECT a FROM public.a_late;
CREATE VIEW public.loose AS SELECT b FROM public.nowhere WITH NO SCHEMA BINDING;
CREATE MATERIALIZED VIEW public.m AS SELECT a FROM "first".t;
CREATE FUNCTION f(int, varchar(20)) RETURNS varchar STABLE AS $$ SELECT $2 $$ LANGUAGE sql;
CREATE FUNCTION f(int) RETURNS int IMMUTABLE AS $$ SELECT $1 + 1 $$ LANGUAGE sql;
CREATE EXTERNAL SCHEMA beside FROM REDSHIFT DATABASE 'other' SCHEMA 'public';
ALTER TABLE public.u OWNER TO bob;
GRANT SELECT ON "first".t TO ann WITH GRANT OPTION;
GRANT SELECT (a), UPDATE (b) ON "first".t TO ROLE clerk;
GRANT INSERT ON public.u TO GROUP readers;
GRANT USAGE FOR SCHEMAS IN DATABASE dev TO ROLE clerk;
GRANT SELECT FOR TABLES IN SCHEMA "first" TO bob;
GRANT EXECUTE ON FUNCTION f(int) TO bob;
REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA "first" GRANT SELECT ON TABLES TO bob;
CREATE DATASHARE whole SET PUBLICACCESSIBLE TRUE;
ALTER DATASHARE whole ADD SCHEMA public, "first";
ALTER DATASHARE whole ADD TABLE public.u, "first".t, "first"."odd name", public.a_early, public.m;
ALTER DATASHARE whole ADD FUNCTION f(int), f(int, varchar);
ALTER DATASHARE whole SET INCLUDENEW = TRUE FOR SCHEMA "first";
GRANT INSERT, UPDATE ON "first".t TO DATASHARE whole;
REVOKE SELECT ON public.u FROM DATASHARE whole;
GRANT ALTER ON DATASHARE whole TO ann;
CREATE DATASHARE catalogued;
CREATE DATASHARE exchanged MANAGEDBY ADX;
CREATE DATASHARE regional;
CREATE DATASHARE entire;
CREATE DATASHARE refused;
CREATE DATASHARE withdrawn;
CREATE DATASHARE waiting;
ALTER DATASHARE regional OWNER TO ann;
ALTER USER ann SET search_path TO public, "first";
ALTER USER ann SET query_group TO 'it''s = "x"';
CREATE SCHEMA scoped;
CREATE TABLE scoped.s (a int, CONSTRAINT one PRIMARY KEY (a));
CREATE DATASHARE wide;
ALTER DATASHARE wide ADD SCHEMA scoped;
GRANT SELECT FOR TABLES IN SCHEMA scoped TO DATASHARE wide;
COMMENT ON DATABASE dev IS 'it''s \\\\ here';
COMMENT ON SCHEMA "first" IS 'a schema';
COMMENT ON TABLE "first"."odd name" IS 'a table';
COMMENT ON COLUMN "first"."odd name"."select" IS 'a column';
COMMENT ON VIEW public.a_early IS 'a view';
COMMENT ON FUNCTION f(int, varchar) IS 'a function';
COMMENT ON CONSTRAINT one ON scoped.s IS 'a constraint';
CREATE TABLE public."Guarded it" (a int, b varchar(10), c super);
CREATE RLS POLICY mine WITH (a int) AS x USING (x.a = 1 AND current_user <> 'b ob');
CREATE RLS POLICY yours USING (current_user = 'ann');
CREATE MASKING POLICY hidden WITH (b varchar(10)) USING ('x'::varchar(10));
CREATE MASKING POLICY joined WITH (a int, b varchar(10)) USING (a::varchar(10) || b);
ATTACH RLS POLICY mine ON public."Guarded it" TO ann, ROLE clerk;
ATTACH RLS POLICY yours ON public.a_early TO PUBLIC;
ATTACH MASKING POLICY hidden ON public."Guarded it" (b) TO PUBLIC;
ATTACH MASKING POLICY joined ON public."Guarded it" (b) USING (a, b) TO ROLE clerk PRIORITY 20;
CREATE MASKING POLICY inner_ WITH (y varchar(9)) USING ('-'::varchar(9));
ATTACH MASKING POLICY inner_ ON public."Guarded it" (c.x.y) TO PUBLIC;
ALTER TABLE public."Guarded it" ROW LEVEL SECURITY OFF FOR DATASHARES;
ALTER TABLE public."Guarded it" ROW LEVEL SECURITY ON CONJUNCTION TYPE OR;
ALTER TABLE public.a_early ROW LEVEL SECURITY ON;
"""
SERVERLESS = "redshift-serverless:List*"
ACCOUNT_SHARES = ("whole", "regional", "entire", "refused", "withdrawn", "waiting")


def environment() -> dict[str, str]:
    """What an exported file leaves to the environment."""
    secrets = {
        f"SECRET_{number}": f"{alias}-secret-{place:032}"
        for place, (number, alias) in enumerate(
            ((PRODUCER, "producer"), (CONSUMER, "consumer"), (STRANGER, "stranger")), 1
        )
    }
    places = (
        f"{PRODUCER}_SALES", f"{PRODUCER}_FINANCE", f"{CONSUMER}_ANALYTICS", f"{CONSUMER}_SCIENCE",
    )  # fmt: skip
    return secrets | {f"PASSWORD_{place}": PASSWORD for place in places}


def exported_environment(file: Path) -> dict[str, str]:
    """With a secret for each of its keys."""
    variables = re.findall(r"\$\{(SECRET_AKIA\w+)\}", file.read_text())
    return environment() | {name: f"{name}-secret" for name in variables}


def world(command: str, *arguments: object, **more: str) -> Result:
    """`redshare world …`; a file that was exported is first."""
    file = arguments[0]
    known = exported_environment(file) if isinstance(file, Path) else environment()
    return CliRunner().invoke(app, [command, *map(str, arguments)], env={**known, **more})


def at(node: RunningNode) -> tuple[str, str]:
    """Its endpoint as an option."""
    return "--endpoint-url", node.ready["endpoint"]


def share(node: RunningNode) -> None:
    """Make everything that a world file can say."""
    with node.connect("sales") as producer:
        for statement in PRODUCER_SQL.replace("\n", " ").split("; "):
            producer.execute(statement.encode())
        for name in ACCOUNT_SHARES:
            producer.execute(f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'".encode())
        producer.execute(f"GRANT USAGE ON DATASHARE whole TO NAMESPACE '{node.guid('finance')}'")
        catalog = f"GRANT USAGE ON DATASHARE catalogued TO ACCOUNT '{CONSUMER}' VIA DATA CATALOG"
        producer.execute(catalog.encode())
    redshift, consumer = node.client(), node.client(CONSUMER)
    for name in ("whole", "regional", "entire", "refused", "withdrawn"):
        redshift.authorize_data_share(
            DataShareArn=node.share_arn(name),
            ConsumerIdentifier=CONSUMER,
            AllowWrites=name in {"whole", "withdrawn"},
        )
    redshift.authorize_data_share(
        DataShareArn=node.share_arn("catalogued"), ConsumerIdentifier=f"DataCatalog/{CONSUMER}"
    )
    for name, selector in {
        "whole": {"ConsumerArn": node.namespace_arn("analytics"), "AllowWrites": True},
        "regional": {"ConsumerRegion": REGION},
        "entire": {"AssociateEntireAccount": True},
        "catalogued": {"ConsumerArn": f"arn:aws:glue:{REGION}:{CONSUMER}:catalog"},
    }.items():
        consumer.associate_data_share_consumer(DataShareArn=node.share_arn(name), **selector)
    consumer.reject_data_share(DataShareArn=node.share_arn("refused"))
    redshift.deauthorize_data_share(
        DataShareArn=node.share_arn("withdrawn"), ConsumerIdentifier=CONSUMER
    )
    of = f"OF ACCOUNT '{PRODUCER}' NAMESPACE '{node.guid('sales')}'"
    with node.connect("analytics") as reader:
        for statement in (
            "CREATE USER cu PASSWORD DISABLE",
            f"CREATE DATABASE far WITH PERMISSIONS FROM DATASHARE whole {of}",
            "GRANT USAGE ON DATABASE far TO cu",
            'GRANT USAGE ON SCHEMA far."first" TO cu',
            'GRANT SELECT, INSERT ON far."first".t TO cu',
            'GRANT SELECT FOR TABLES IN SCHEMA "first" DATABASE far TO cu',
            "CREATE EXTERNAL SCHEMA fars FROM REDSHIFT DATABASE 'far' SCHEMA 'first'",
            'CREATE VIEW public.through AS SELECT a FROM far."first".t WITH NO SCHEMA BINDING',
        ):
            reader.execute(statement.encode())
    with node.connect("finance") as near:
        guid = node.guid("sales")
        near.execute(f"CREATE DATABASE near FROM DATASHARE whole OF NAMESPACE '{guid}'".encode())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A node in which everything was made by hand."""
    node = RunningNode(tmp_path_factory.mktemp("source")).start()
    try:
        share(node)
        make_identities(node)
        set_attributes(node)
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="module")
def exported(source: RunningNode) -> Path:
    """Its world file."""
    file = source.directory / "exported.yaml"
    done = world("export", source.directory / "world.yaml", *at(source), "--output", file)
    assert done.exit_code == 0, done.stderr
    return file


@pytest.fixture(scope="module")
def target(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """A second node that has the accounts and empty namespaces of the same GUIDs."""
    empty = yaml.safe_load(exported.read_text())
    for account in empty["accounts"].values():
        account.pop("associations", None)
        for part in ("iam", "parameter_groups", "subnet_groups"):
            account.pop(part, None)
        for namespace in account.get("namespaces", {}).values():
            for part in ("tags", "cluster", "serverless", "usage_limits"):
                namespace.pop(part, None)
            for part in ("users", "groups", "roles", "databases", "datashares"):
                namespace.pop(part, None)
    directory = tmp_path_factory.mktemp("target")
    node = RunningNode(directory, world=empty, environment=environment()).start()
    yield node
    node.stop()


def audit(node: RunningNode) -> Proof:
    """How long the chain of the audit is, and its last hash."""
    return prove_audit(node.directory / "state", None)


def described(node: RunningNode) -> dict[str, Any]:
    """What the describes of datashares say, without dates."""
    answers: dict[str, Any] = {}
    for account in (PRODUCER, CONSUMER, STRANGER):
        client = node.client(account)
        for call in (
            client.describe_data_shares,
            client.describe_data_shares_for_producer,
            client.describe_data_shares_for_consumer,
        ):
            shares = call()["DataShares"]
            for found in shares:
                for entry in found["DataShareAssociations"]:
                    del entry["CreatedDate"], entry["StatusChangeDate"]
            shares.sort(key=lambda found: found["DataShareArn"])
            answers[f"{account} {call.__name__}"] = shares
    return answers


def test_reading_changes_nothing(source: RunningNode, exported: Path) -> None:
    """Export and diff leave the audit's chain as it was; the file is what the system is."""
    before = audit(source)
    file = source.directory / "again.yaml"
    assert world("export", exported, *at(source), "--output", file).exit_code == 0
    assert file.read_text() == exported.read_text()
    done = world("diff", exported, *at(source))
    assert (done.exit_code, done.stdout) == (0, "")
    assert audit(source) == before


def test_no_secret_is_exported(exported: Path) -> None:
    """Passwords and keys are names of variables."""
    text = exported.read_text()
    assert PASSWORD not in text
    assert "-secret-" not in text
    assert f"${{SECRET_{PRODUCER}}}" in text


def test_one_account_is_imported(source: RunningNode, tmp_path: Path) -> None:
    """`import --profile` reads the profile's account; namespaces of others are named by GUID."""
    key = next(a for a in source.ready["accounts"] if a["account_id"] == CONSUMER)
    (tmp_path / "credentials").write_text(
        f"[there]\naws_access_key_id = {key['access_key_id']}\n"
        f"aws_secret_access_key = {key['secret_access_key']}\nregion = {REGION}\n"
    )
    before = audit(source)
    done = world(
        "import", "--profile", "there", *at(source),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    accounts = yaml.safe_load(done.stdout)["accounts"]
    assert list(accounts) == [CONSUMER]
    reference = f"{PRODUCER}/{source.guid('sales')}/whole"
    assert accounts[CONSUMER]["associations"][reference] == {
        "NAMESPACE analytics": {"allow_writes": True}
    }
    databases = accounts[CONSUMER]["namespaces"]["analytics"]["databases"]
    assert databases["far"]["from_datashare"] == reference
    assert audit(source) == before


def test_who_may_not_read_identities_is_told(source: RunningNode, tmp_path: Path) -> None:
    """The file is the same without them."""
    iam = source.client(STRANGER, "iam")
    iam.create_user(UserName="importer")
    policy = "arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess"
    iam.attach_user_policy(UserName="importer", PolicyArn=policy)
    iam.put_user_policy(
        UserName="importer", PolicyName="s", PolicyDocument=document("Allow", SERVERLESS)
    )
    key = iam.create_access_key(UserName="importer")["AccessKey"]
    (tmp_path / "credentials").write_text(
        f"[there]\naws_access_key_id = {key['AccessKeyId']}\n"
        f"aws_secret_access_key = {key['SecretAccessKey']}\nregion = {REGION}\n"
    )
    done = world(
        "import", "--profile", "there", *at(source),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "iam" not in yaml.safe_load(done.stdout)["accounts"][STRANGER]
    assert done.stderr.startswith(f"redshare: not in the file: {STRANGER}: IAM: User: arn:aws:iam")


def test_applied_elsewhere_it_is_the_same(
    source: RunningNode, exported: Path, target: RunningNode
) -> None:
    """In an empty system everything is made; both answer the same describes; again: nothing."""
    different = world("diff", exported, *at(target))
    assert different.exit_code == 1
    assert "datashares.whole: missing" in different.stdout
    made = world("apply", exported, *at(target))
    assert made.exit_code == 0, made.stderr
    same = world("diff", exported, *at(target))
    assert (same.exit_code, same.stdout) == (0, ""), same.stdout
    assert described(target) == described(source)
    assert identities(target) == identities(source)
    assert warehouses(target) == warehouses(source)
    again = world("apply", exported, *at(target))
    assert (again.exit_code, again.stdout) == (0, "")


def test_keys_of_users_are_not_made(exported: Path, target: RunningNode) -> None:
    """The service chooses them, so `apply` tells of them; `diff` does not mind."""
    done = world("apply", exported, *at(target))
    keys = re.findall("SECRET_(AKIA[A-Z0-9]{16})}", exported.read_text())
    told = [f"redshare: not made: {PRODUCER}: access key {k} of the user ana" for k in keys[:2]]
    assert done.stderr.splitlines() == told


def test_what_was_applied_works(exported: Path, target: RunningNode) -> None:
    """The consumer writes through the share; what is made later joins by the share's scope."""
    assert exported.exists()
    with target.connect("analytics") as consumer, target.connect("sales") as producer:
        consumer.execute('INSERT INTO far."first".t VALUES (1)')
        assert producer.execute('SELECT a, b FROM "first".t').fetchall() == [(1, "x")]
        producer.execute("CREATE TABLE scoped.later (a int)")
        asked = "SELECT object_name FROM svv_datashare_objects WHERE share_name = 'wide' ORDER BY 1"
        joined = [("scoped",), ("scoped.later",), ("scoped.s",)]
        assert producer.execute(asked).fetchall() == joined
