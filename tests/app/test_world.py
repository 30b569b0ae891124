"""World files as values: what is read, what is refused and where, what differs."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from redshare.app.world import WorldError, differences, read_world

GUID = "11111111-1111-4111-8111-111111111111"
WORLD: dict[str, Any] = {
    "accounts": {
        "111111111111": {
            "access_keys": [{"id": "AKIA1", "secret": "${KEY}"}],
            "namespaces": {
                "sales": {
                    "admin": {"user": "admin", "password": "${PASSWORD}"},
                    "users": {"ann": {"password": "${PASSWORD}"}},
                    "groups": {"readers": ["ann", "admin"]},
                    "roles": {"r": {"granted_to": ["ann", "ROLE boss"]}, "boss": {}},
                    "databases": {
                        "dev": {
                            "schemas": {"public": {"relations": {"t": {"ddl": "CREATE TABLE t;"}}}},
                            "grants": {"TABLE public.t": {"ann": ["SELECT"]}},
                            "default_privileges": [
                                {
                                    "user": "admin",
                                    "objects": "TABLES",
                                    "grants": {"ROLE r": ["SELECT"]},
                                }
                            ],
                        }
                    },
                    "datashares": {
                        "s": {
                            "database": "dev",
                            "schemas": {"public": {"relations": ["t"]}},
                            "consumers": {
                                "ACCOUNT 222222222222": {"status": "AUTHORIZED"},
                                "NAMESPACE sales": {},
                            },
                        }
                    },
                }
            },
        },
        "222222222222": {
            "namespaces": {
                "far": {
                    "admin": {"user": "admin", "password": "x"},
                    "databases": {"d": {"from_datashare": "111111111111/sales/s"}},
                }
            },
            "associations": {"111111111111/sales/s": {"NAMESPACE far": {"allow_writes": True}}},
        },
    }
}
ENVIRONMENT = {"KEY": "secret", "PASSWORD": "Passw0rd!"}


def changed(path: str, value: object) -> dict[str, Any]:
    """The world with one place of it set; a dot goes one deeper."""
    world = copy.deepcopy(WORLD)
    *outer, last = path.split(".")
    at: Any = world["accounts"]
    for name in outer:
        at = at.setdefault(name, {})
    at[last] = value
    return world


def test_secrets_come_from_the_environment() -> None:
    """`${NAME}` in a secret or a password is the variable's value."""
    account = read_world(WORLD, ENVIRONMENT).accounts["111111111111"]
    assert account.access_keys[0].secret == "secret"
    assert account.namespaces["sales"].admin.password == "Passw0rd!"


SALES, FAR = "111111111111.namespaces.sales", "222222222222.namespaces.far"
DEV = f"{SALES}.databases.dev"
IAM = "222222222222.iam"
VERSIONS: dict[str, Any] = {f"v{number}": {} for number in range(1, 7)}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (f"{SALES}.user", {}, "unknown field `user`"),
        (f"{SALES}.users.ann.pasword", "x", "unknown field `pasword`"),
        (f"{SALES}.guid", "11", "not a namespace GUID"),
        (f"{SALES}.admin.password", "${NOWHERE}", "the environment has no NOWHERE"),
        (f"{SALES}.groups.readers", ["bob"], "there is no user bob"),
        (f"{SALES}.roles.boss.granted_to", ["ROLE r"], "roles in a circle"),
        (f"{SALES}.databases.dev.grants", {"TABLE t": {"ann": ["FLY"]}}, "FLY"),
        (f"{SALES}.databases.dev.grants", {"TABLE t": {"ann; DROP TABLE t": ["SELECT"]}}, "DROP"),
        (f"{SALES}.databases.dev.with_permissions", True, "from a datashare"),
        (f"{SALES}.datashares.s.database", "nowhere", "there is no database nowhere"),
        (f"{SALES}.datashares.s.consumers", {"ACCOUNT x": {}}, "'ACCOUNT x' is not"),
        (f"{SALES}.datashares.s.consumers", {"NAMESPACE x": {}}, "no namespace 111111111111/x"),
        (
            f"{SALES}.datashares.s.consumers",
            {"NAMESPACE sales": {"status": "AUTHORIZED"}},
            "needs no authorization",
        ),
        (f"{FAR}.databases.d.from_datashare", "111111111111/sales/x", "there is no datashare 1"),
        (f"{FAR}.databases.d.from_datashare", "nobody", "is not ACCOUNT/NAMESPACE/SHARE"),
        (f"{FAR}.databases.d.scripts", ["a.sql"], "no schemas, scripts"),
        ("222222222222.associations", {"111111111111/x/s": {}}, "no namespace 111111111111/x"),
        (
            "222222222222.associations",
            {"111111111111/sales/s": {"EVERYBODY": {}}},
            "'EVERYBODY' is not",
        ),
        ("1.namespaces", {}, "1"),
        ("222222222222.iam", {"groups": {}}, "unknown field `groups`"),
        (
            f"{DEV}.rls_policies.p",
            {"ddl": "x", "attached": {"t": ["TO"]}},
            "ATTACH RLS POLICY p ON",
        ),
        (
            f"{DEV}.schemas.public.relations.t.row_level_security",
            {"for_datashares": False},
            "not e",
        ),
        (f"{FAR}.databases.d.masking_policies", {}, "no schemas, scripts"),
        (f"{SALES}.cluster", {"node_type": "ra3.large"}, "sales: has the attributes of the other"),
        (f"{SALES}.serverless", {"base_capacity": "8"}, "Expected `int"),
        (f"{IAM}.policies.p", {"versions": {"1": {}}}, "p: '1' is not a version"),
        (f"{IAM}.policies.p", {"versions": {"v2": {}}}, "p: there is no version v1"),
        (f"{IAM}.policies.p", {"versions": VERSIONS}, "p: more than 5 versions"),
        (f"{IAM}.users.u.policies", {"p": "{}"}, "a policy document is a mapping"),
        (f"{IAM}.users.u.access_keys", [{"id": "A"}] * 3, "user u: more than 2 access keys"),
    ],
)
def test_what_cannot_be_is_refused(path: str, value: object, message: str) -> None:
    """Each error says what and where."""
    with pytest.raises(WorldError, match=message):
        read_world(changed(path, value), ENVIRONMENT)


def test_a_guid_is_one_namespace() -> None:
    """Two namespaces do not have the same."""
    world = changed(f"{SALES}.guid", GUID)
    world["accounts"]["222222222222"]["namespaces"]["far"]["guid"] = GUID.upper()
    with pytest.raises(WorldError, match="has the same guid"):
        read_world(world, ENVIRONMENT)


def test_a_namespace_outside_the_file_is_named_by_its_guid() -> None:
    """So the file of one account can speak of shares of others."""
    text = f"333333333333/{GUID}/s"
    read_world(changed(f"{FAR}.databases.d.from_datashare", text), ENVIRONMENT)


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        ("111111111111.alias", "other", []),
        (f"{SALES}.users.ann.password", "other", []),
        (f"{SALES}.workgroup", "sales-wg", []),
        (f"{SALES}.databases.dev.schemas.public.relations.t.ddl", "CREATE  TABLE\nt", []),
        (f"{SALES}.databases.dev.grants.DATABASE dev", {"PUBLIC": ["TEMP"]}, []),
        (
            f"{SALES}.databases.dev.grants.DATABASE dev",
            {"PUBLIC": []},
            ["- {}.databases.dev.grants.DATABASE dev.PUBLIC: TEMP: missing"],
        ),
        (
            f"{SALES}.databases.dev.schemas.public.relations.t.ddl",
            "CREATE TABLE u",
            ["~ {}.databases.dev.schemas.public.relations.t.ddl: CREATE TABLE t in the file, "
             "CREATE TABLE u in the system"],
        ),
        (f"{SALES}.users.bob", {}, ["+ {}.users.bob: not in the file"]),
        (f"{SALES}.roles.r.granted_to", ["ann"], ["- {}.roles.r.granted_to: ROLE boss: missing"]),
        (f"{SALES}.groups.readers", ["admin"], ["- {}.groups.readers: ann: missing"]),
    ],
)  # fmt: skip
def test_differences(path: str, value: object, lines: list[str]) -> None:
    """What is missing, more, other; no word of secrets and of what Redshift grants of itself."""
    wanted = read_world(WORLD, ENVIRONMENT)
    found = read_world(changed(path, value) | {"region": "us-east-1"}, ENVIRONMENT)
    place = f"accounts.{SALES}"
    assert differences(wanted, wanted) == []
    assert differences(wanted, found) == [line.format(place) for line in lines]


def test_policies_are_compared_by_what_they_say() -> None:
    """Not by the order of their keys; identities that nobody could read are not compared."""
    role = {"trust": {"Version": "2012-10-17", "Statement": []}, "tags": {"a": "b"}}
    wanted = read_world(changed(f"{IAM}.roles", {"r": role}), ENVIRONMENT)
    role["trust"] = {"Statement": [], "Version": "2012-10-17"}
    same = read_world(changed(f"{IAM}.roles", {"r": role}), ENVIRONMENT)
    assert differences(wanted, same) == []
    assert differences(wanted, read_world(WORLD, ENVIRONMENT)) == []
    role["trust"] = {"Statement": []}
    other = read_world(changed(f"{IAM}.roles", {"r": role}), ENVIRONMENT)
    assert differences(wanted, other) == [
        f'~ accounts.{IAM}.roles.r.trust: {{"Statement": [], "Version": "2012-10-17"}} in the file,'
        ' {"Statement": []} in the system'
    ]


def test_what_the_file_does_not_say_is_not_compared() -> None:
    """A file of accounts and namespaces alone does not mind what is in them."""
    wanted = copy.deepcopy(WORLD)
    for account in wanted["accounts"].values():
        account.pop("associations", None)
        for namespace in account["namespaces"].values():
            for part in ("users", "groups", "roles", "databases", "datashares"):
                namespace.pop(part, None)
    assert not read_world(wanted, ENVIRONMENT).has_contents
    found = read_world(WORLD, ENVIRONMENT)
    assert differences(read_world(wanted, ENVIRONMENT), found) == []
