"""`redshare why`: the conditions of reaching an object, from a node, as an account may know them.

A client of GET /explain: keys, Region and endpoint are found as the AWS CLI finds them. Exit code 0
where the account knows that access holds, 1 where it does not hold or is not all the account's to
see, 2 where nothing was answered.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, NoReturn
from urllib.parse import quote, urlencode

import boto3
import typer
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

NO_ACCESS = 1
USAGE_ERROR = 2
_SERVICE = "redshift"
_MARKS = {"held": "ok", "broken": "NO", "unknown": "??"}


def why(
    consumer: Annotated[
        str, typer.Option(help="An account id, or the GUID or ARN of a namespace.")
    ],
    object_: Annotated[
        str,
        typer.Option("--object", help="db.schema.table, in the consumer's or producer's words."),
    ],
    user: Annotated[
        str | None, typer.Option("--as", help="A user of the consumer; else its administrator.")
    ] = None,
    action: Annotated[str, typer.Option(help="select, insert, update, delete, …")] = "select",
    producer: Annotated[
        str | None, typer.Option(help="Your namespace whose object is meant: its GUID or ARN.")
    ] = None,
    datashare: Annotated[
        str | None, typer.Option(help="The ARN of the datashare, where several may be meant.")
    ] = None,
    endpoint_url: Annotated[
        str | None, typer.Option(help="The node; else AWS_ENDPOINT_URL or the AWS config's.")
    ] = None,
    region: Annotated[
        str | None,
        # boto3 itself reads AWS_DEFAULT_REGION alone.
        typer.Option(envvar="AWS_REGION", help="Else the AWS config's."),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="A profile of the AWS config.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="The node's JSON document.")] = False,
) -> None:
    """Why a consumer reaches an object, or does not, and what would mend it."""
    parameters = {
        "consumer": consumer,
        "object": object_,
        "as": user,
        "action": action,
        "producer": producer,
        "datashare": datashare,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    answer = _asked(given, endpoint_url, region, profile)
    if json_:
        typer.echo(json.dumps(answer))
    else:
        _print(answer)
    if not answer["holds"]:
        raise typer.Exit(NO_ACCESS)


def _asked(
    parameters: dict[str, str], endpoint_url: str | None, region: str | None, profile: str | None
) -> Any:  # noqa: ANN401 - a JSON document
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        # The client knows every place where an endpoint may be configured.
        meta = session.client(_SERVICE, endpoint_url=endpoint_url).meta
        if meta.endpoint_url.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            _fail("AWS does not explain access: say --endpoint-url or AWS_ENDPOINT_URL")
        credentials = session.get_credentials()
        if credentials is None:
            _fail("no AWS credentials were found")
        query = urlencode(parameters, quote_via=quote, safe="")
        request = AWSRequest("GET", f"{meta.endpoint_url.rstrip('/')}/explain?{query}")
        SigV4Auth(credentials, _SERVICE, meta.region_name).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
    except BotoCoreError as error:
        _fail(str(error))
    try:
        document = json.loads(answer.content)
    except ValueError:
        _fail(f"{meta.endpoint_url} answered {answer.status_code} and no JSON")
    if answer.status_code != 200:
        _fail(f"{document.get('__type')}: {document.get('message')}")
    return document


def _print(answer: Any) -> None:  # noqa: ANN401 - a JSON document
    print(f"{answer['action']} on {answer['object']} by {answer['consumer']}\n")
    for link in answer["links"]:
        print(f"  {_MARKS[link['status']]}  {link['step']}: {link['detail']}")
    broken = next((link for link in answer["links"] if link["status"] == "broken"), None)
    if answer["holds"]:
        print("\nAccess holds.")
    elif broken is None:
        print("\nNothing that you can see is broken; the rest is the other side's to see.")
    else:
        print(f"\nThe first that is not met: {broken['step']}.")
        _print_mend(broken["mend"])


def _print_mend(mend: Any) -> None:  # noqa: ANN401 - a JSON document
    if mend is None:
        print("No single statement or call of yours or theirs mends it.")
        return
    if "api" in mend:
        where = f" {mend['api']['account']}"
    else:
        database = mend["sql"]["database"]
        inside = f"database {database} of the " if database else ""
        where = f", in the {inside}namespace {mend['sql']['namespace']}"
    print(f"To mend it ({mend['by']}{where}):\n\n  {mend['text']}")


def _fail(message: str) -> NoReturn:
    print(f"redshare: {message}", file=sys.stderr)
    raise typer.Exit(USAGE_ERROR)
