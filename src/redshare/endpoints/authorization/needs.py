"""Everything an operation needs: its own action, and those that it stands for besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.app.iam.authorizer import Need
from redshare.core.iam.request import Values
from redshare.endpoints.authorization.asked import Asked
from redshare.endpoints.authorization.identities import identity_resources
from redshare.endpoints.authorization.keys import keys
from redshare.endpoints.authorization.resources import Resource, resources, workgroup_resource

#: What everyone may, or what the use case itself authorizes (AssumeRole, by the role's own policy).
FREE: Final = frozenset({"GetCallerIdentity", "GetSessionToken", "AssumeRole"})
#: Operations that are authorized as another one.
_ACTIONS: Final = {"GetStatementResultV2": "GetStatementResult"}
#: What runs SQL does it as a database user.
_RUNNING: Final = frozenset(
    {
        "ExecuteStatement",
        "BatchExecuteStatement",
        "DescribeTable",
        "ListDatabases",
        "ListSchemas",
        "ListTables",
    }
)


def needs(asked: Asked) -> Iterator[Need]:
    """In the order they are asked: the first that is refused is told."""
    if asked.service == "sts" and asked.operation in FREE:
        return
    action = f"{asked.service}:{_ACTIONS.get(asked.operation, asked.operation)}"
    given = keys(asked)
    found = identity_resources(asked) if asked.service == "iam" else _resources(asked)
    for resource in found:
        yield _need(action, resource, given)
    if asked.operation == "GetClusterCredentials":
        yield from _made_users(asked, given)
    if asked.service == "redshift-data" and asked.operation in _RUNNING:
        yield from _database_user(asked)


def _resources(asked: Asked) -> list[Resource]:
    return [Resource("*")] if asked.service == "sts" else resources(asked)


def _need(action: str, resource: Resource, given: dict[str, Values]) -> Need:
    names = ["aws:ResourceTag", *(["iam:ResourceTag"] if action.startswith("iam:") else [])]
    tags = {f"{name}/{key}": value for name in names for key, value in resource.tags}
    return Need(action, resource.arn, {**given, **tags})


def _made_users(asked: Asked, given: dict[str, Values]) -> Iterator[Need]:
    """GetClusterCredentials with AutoCreate and DbGroups is two permissions more."""
    cluster = asked.cluster_identifier() or "*"
    if asked.params.get("AutoCreate"):
        user = asked.arn("redshift", f"dbuser:{cluster}/{asked.text('DbUser')}")
        yield Need("redshift:CreateClusterUser", user, given)
    for group in asked.params.get("DbGroups", ()):
        yield Need("redshift:JoinGroup", asked.arn("redshift", f"dbgroup:{cluster}/{group}"), given)


def _database_user(asked: Asked) -> Iterator[Need]:
    """As AWS's Data API does: by temporary credentials, which the caller must be allowed to get.

    https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
    """
    cluster, workgroup = asked.text("ClusterIdentifier").lower(), asked.text("WorkgroupName")
    database = asked.text("Database") or "*"
    if workgroup:
        yield _need("redshift-serverless:GetCredentials", workgroup_resource(asked, workgroup), {})
    elif cluster:
        user = asked.text("DbUser")
        given: dict[str, Values] = {"redshift:DbName": database, "redshift:DurationSeconds": "900"}
        name = asked.arn("redshift", f"dbname:{cluster}/{database}")
        if not user:
            yield Need("redshift:GetClusterCredentialsWithIAM", name, given)
            return
        given["redshift:DbUser"] = user
        for arn in (asked.arn("redshift", f"dbuser:{cluster}/{user}"), name):
            yield Need("redshift:GetClusterCredentials", arn, given)
