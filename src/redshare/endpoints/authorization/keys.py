"""The condition keys of a request beyond those of its principal and circumstances."""

from __future__ import annotations

from redshare.core.consumer import parse_consumer
from redshare.core.data_statement import Owner
from redshare.core.iam.request import Values
from redshare.core.ids import MalformedId, NamespaceArn
from redshare.endpoints.authorization.asked import Asked

_STATEMENTS = frozenset(
    {"CancelStatement", "DescribeStatement", "GetStatementResult", "GetStatementResultV2"}
)
_OWN_STATEMENTS = frozenset({"ListStatements"})
_SESSIONS = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ListSessions"})


def keys(asked: Asked) -> dict[str, Values]:
    """By their names as AWS writes them."""
    return {**_tags(asked), **_of_service(asked)}


def _tags(asked: Asked) -> dict[str, Values]:
    """`aws:RequestTag/KEY` and `aws:TagKeys`, of any service's way to write tags."""
    given = {}
    for tag in asked.params.get("Tags") or asked.params.get("tags") or ():
        given[tag.get("Key", tag.get("key", ""))] = tag.get("Value", tag.get("value", ""))
    removed = asked.params.get("TagKeys") or asked.params.get("tagKeys") or ()
    found: dict[str, Values] = {f"aws:RequestTag/{k}": v for k, v in given.items()}
    names = (*given, *removed)
    if names:
        found["aws:TagKeys"] = tuple(names)
    return found


def _of_service(asked: Asked) -> dict[str, Values]:
    match asked.service:
        case "redshift":
            return _redshift(asked)
        case "redshift-data":
            return _data(asked)
        case "iam":
            return _iam(asked)
        case _:
            return {}


def _redshift(asked: Asked) -> dict[str, Values]:
    found: dict[str, Values] = {}
    if asked.operation in {"AuthorizeDataShare", "DeauthorizeDataShare"}:
        found["redshift:ConsumerIdentifier"] = _consumer_identifier(asked)
    if asked.operation in {"AuthorizeDataShare", "AssociateDataShareConsumer"}:
        # Left out it means false.
        found["redshift:AllowWrites"] = "true" if asked.params.get("AllowWrites") else "false"
    if asked.operation in {"AssociateDataShareConsumer", "DisassociateDataShareConsumer"}:
        consumer = asked.text("ConsumerArn")
        if consumer:
            found["redshift:ConsumerArn"] = _consumer_arn(asked, consumer)
    if asked.operation in {"GetClusterCredentials", "GetClusterCredentialsWithIAM"}:
        found["redshift:DurationSeconds"] = str(asked.params.get("DurationSeconds", 900))
        for name in ("DbUser", "DbName"):
            if asked.text(name):
                found[f"redshift:{name}"] = asked.text(name)
    return found


def _consumer_identifier(asked: Asked) -> str:
    text = asked.text("ConsumerIdentifier")
    try:
        return str(parse_consumer(text))
    except MalformedId:
        return text  # which the operation refuses


def _consumer_arn(asked: Asked, text: str) -> str:
    """As the namespace's own ARN is, whichever of its spellings the request has."""
    try:
        read = NamespaceArn.parse(text)
    except MalformedId:
        return text
    known = asked.catalog.namespace(read.namespace)
    return str(read) if known is None else str(known.arn)


def _data(asked: Asked) -> dict[str, Values]:
    own = asked.caller.speaker.user_id
    if asked.operation in _STATEMENTS:
        owner = asked.statement_owner(asked.text("Id"))
        user_id = None if owner is None else _user_id(asked, owner)
        return {} if user_id is None else {"redshift-data:statement-owner-iam-userid": user_id}
    if asked.operation in _OWN_STATEMENTS:
        return {"redshift-data:statement-owner-iam-userid": own}
    if asked.operation in _SESSIONS:
        return {"redshift-data:session-owner-iam-userid": own}
    return {}


def _user_id(asked: Asked, owner: Owner) -> str | None:
    """What `aws:userid` is of the owner; None where its user or role is no more."""
    kind, _, path = owner.principal.rpartition(":")[2].partition("/")
    if kind == "root":
        return owner.account
    if kind == "assumed-role":
        name, _, session = path.partition("/")
        role = asked.catalog.iam_role(owner.account, name)
        return None if role is None else f"{role.role_id}:{session}"
    user = asked.catalog.iam_user(owner.account, path.rpartition("/")[2])
    return None if user is None else user.user_id


def _iam(asked: Asked) -> dict[str, Values]:
    found: dict[str, Values] = {}
    if asked.text("PermissionsBoundary"):
        found["iam:PermissionsBoundary"] = asked.text("PermissionsBoundary")
    if asked.operation.startswith(("Attach", "Detach")):
        found["iam:PolicyARN"] = asked.text("PolicyArn")
    return found
