"""`redshare serve`: start a node.

What cannot be is one line on standard error and exit code 2; SIGTERM drains and exits with 0.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from redshare.adapters.directory import DirectoryInUse
from redshare.adapters.events.webhook import webhook_host
from redshare.adapters.ids import RandomIds
from redshare.adapters.objects.endpoints import (
    InvalidEndpoints,
    S3Endpoint,
    check_endpoints,
    read_endpoints,
)
from redshare.adapters.secrets import UnusableMasterKey
from redshare.app.world import World, WorldAccount, WorldError, WorldKey
from redshare.bootstrap import Node, open_node
from redshare.cli.log import log_to_stderr
from redshare.cli.world_file import load_world
from redshare.config import CALLS_PER_SECOND, Settings
from redshare.core.account import Account
from redshare.core.cross_region import TERABYTE
from redshare.core.errors import RedshareError
from redshare.core.warehouse import Warehouse
from redshare.endpoints.controls import PREFIX, is_loopback
from redshare.servers.run import Stop, listening_socket
from redshare.servers.run import serve as serve_http

DEFAULT_ACCOUNT = "111111111111"
USAGE_ERROR = 2
#: Behind REDSHARE_S3_: a secret is never on the command line.
_S3_KEYS = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")


def serve(
    directory: Annotated[
        Path, typer.Option("--dir", help="Where the node keeps everything.")
    ] = Path(".redshare"),
    listen: Annotated[str, typer.Option(help="HOST:PORT of the AWS endpoint.")] = "127.0.0.1:5438",
    world: Annotated[
        Path | None,
        typer.Option(help="YAML file of accounts, namespaces and what is in them."),
    ] = None,
    sql_port_base: Annotated[
        int, typer.Option(help="The first port tried for a warehouse.")
    ] = 5439,
    store_url: Annotated[
        str | None,
        typer.Option(
            envvar="REDSHARE_STORE_URL",
            help="A PostgreSQL to keep state in, instead of the embedded one.",
        ),
    ] = None,
    master_key_command: Annotated[
        str | None,
        typer.Option(
            envvar="REDSHARE_MASTER_KEY_COMMAND",
            help="A command that prints the master key, instead of the file master.key; or set "
            "REDSHARE_MASTER_KEY to the key itself.",
        ),
    ] = None,
    buckets: Annotated[
        Path | None,
        typer.Option(help="A folder whose directories are S3 buckets, for COPY and UNLOAD."),
    ] = None,
    s3_endpoint: Annotated[
        str | None,
        typer.Option(
            envvar="REDSHARE_S3_ENDPOINT",
            help="The S3 endpoint of COPY and UNLOAD; its keys are read from the environment: "
            "REDSHARE_S3_ACCESS_KEY_ID, REDSHARE_S3_SECRET_ACCESS_KEY.",
        ),
    ] = None,
    s3_region: Annotated[
        str, typer.Option(envvar="REDSHARE_S3_REGION", help="The Region of --s3-endpoint.")
    ] = "us-east-1",
    s3_path_style: Annotated[
        bool, typer.Option(help="Whether a bucket is in the path, not in the host name.")
    ] = True,
    s3_config: Annotated[
        Path | None, typer.Option(help="YAML file of S3 endpoints, their keys and buckets.")
    ] = None,
    events_file: Annotated[
        Path | None,
        typer.Option(
            envvar="REDSHARE_EVENTS_FILE", help="A file that gets each event as a line of JSON."
        ),
    ] = None,
    events_webhook: Annotated[
        str | None,
        typer.Option(
            envvar="REDSHARE_EVENTS_WEBHOOK", help="An http or https URL that is sent each event."
        ),
    ] = None,
    trusted_proxies: Annotated[
        str | None,
        typer.Option(
            envvar="REDSHARE_TRUSTED_PROXIES",
            help="Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        ),
    ] = None,
    calls_per_second: Annotated[
        float,
        typer.Option(min=0, help="AWS calls a second that an account may make; 0 is no limit."),
    ] = CALLS_PER_SECOND,
    usage_limit_unit: Annotated[
        int,
        typer.Option(
            min=1, help="Megabytes that amounts of usage limits are in; AWS's are terabytes."
        ),
    ] = TERABYTE,
    test_controls: Annotated[
        bool,
        typer.Option(
            "--test-controls",
            help="Let tests set the clock, ask for faults and reset the node: loopback only.",
        ),
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="One JSON line on standard output when ready.")
    ] = False,
) -> None:
    """Start a node and serve until it is told to stop."""
    log_to_stderr()
    host, port = _address(listen)
    if test_controls and not is_loopback(host):
        _fail(f"--test-controls are for a loopback address alone, not {host}")
    # Taken out of the environment: nothing that the node starts needs it.
    master_key = os.environ.pop("REDSHARE_MASTER_KEY", None)
    if master_key is not None and master_key_command is not None:
        _fail("set REDSHARE_MASTER_KEY or --master-key-command, not both")
    declared = _declared(world)
    endpoints = _s3_endpoints(s3_endpoint, s3_region, s3_config, path_style=s3_path_style)
    if buckets is not None and not buckets.is_dir():
        _fail(f"--buckets: {buckets} is not a directory")
    if events_webhook is not None:
        try:
            webhook_host(events_webhook)
        except ValueError as error:
            _fail(f"--events-webhook {error}")
    try:
        listening = listening_socket(host, port)
    except OSError as error:
        _fail(f"cannot listen on {listen}: {error.strerror or error}")
    with listening:
        settings = Settings(
            directory=directory,
            host=host,
            port=listening.getsockname()[1],
            sql_port_base=sql_port_base,
            region=declared.region if declared else "us-east-1",
            world=world,
            store_url=store_url,
            master_key=master_key,
            master_key_command=master_key_command,
            buckets=buckets,
            s3_endpoints=endpoints,
            events_file=events_file,
            events_webhook=events_webhook,
            calls_per_second=calls_per_second,
            usage_limit_unit=usage_limit_unit,
            test_controls=test_controls,
        )
        try:
            with open_node(settings) as node:
                keys = _prepare(node, declared)

                def say() -> None:
                    print(_ready_json(node, keys) if json_ else _banner(node, keys), flush=True)

                filling = _Filling(node, declared, world, say)
                serve_http(node.http, listening, filling.start, trusted_proxies)
                filling.check()
        except (DirectoryInUse, UnusableMasterKey, WorldError) as error:
            _fail(str(error))
        except RedshareError as error:
            _fail(error.message)
        except OSError as error:
            _fail(str(error))


class _Filling:
    """Makes what is in the declared namespaces once the node serves, then says that it is ready."""

    def __init__(
        self, node: Node, declared: World | None, path: Path | None, say: Callable[[], None]
    ) -> None:
        self._node = node
        self._declared = declared
        self._folder = path.parent if path else Path()
        self._say = say
        self._failed: BaseException | None = None

    def start(self, stop: Stop) -> None:
        """Comes back at once; a world that cannot be made stops the node."""
        if self._declared is None or not self._declared.has_contents:
            self._say()
            return
        threading.Thread(target=self._run, args=(self._declared, stop), name="world").start()

    def _run(self, declared: World, stop: Stop) -> None:
        try:
            self._node.fill(declared, self._folder)
            self._say()
        except BaseException as error:  # noqa: BLE001 - `check` raises it once the node has ended
            self._failed = error
            stop()

    def check(self) -> None:
        """Raises what kept the contents from being made: a WorldError, or a fault of ours."""
        if self._failed is not None:
            raise self._failed


def _fail(message: str) -> NoReturn:
    print(f"redshare: {message}", file=sys.stderr)
    raise typer.Exit(USAGE_ERROR)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        _fail(f"--listen wants HOST:PORT, not {text!r}")
    return host.strip("[]"), int(port)


def _declared(path: Path | None) -> World | None:
    if path is None:
        return None
    try:
        return load_world(path)
    except WorldError as error:
        _fail(str(error))


def _s3_endpoints(
    url: str | None, region: str, file: Path | None, *, path_style: bool
) -> tuple[S3Endpoint, ...]:
    """Those of the file, and the one of the command line for all other buckets."""
    try:
        found = () if file is None else read_endpoints(file)
        if url is None:
            return found
        environment = {name: os.environ.get(f"REDSHARE_S3_{name}") for name in _S3_KEYS}
        key, secret, token = environment.values()
        one = S3Endpoint(url, region, key, secret, token, path_style)
        check_endpoints((*found, one))
    except InvalidEndpoints as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{file}: {error.strerror}")
    return (*found, one)


def _prepare(node: Node, declared: World | None) -> list[WorldKey]:
    """Apply the world; without one, a first start makes one account with a generated key."""
    if declared is None:
        if any(node.work.catalog().tables[Account]):
            return []
        ids = RandomIds()
        key = WorldKey(id=f"AKIA{ids.hex()[:16].upper()}", secret=ids.hex() + ids.hex()[:8])
        declared = World({DEFAULT_ACCOUNT: WorldAccount(alias="default", access_keys=(key,))})
    node.apply(declared)
    return [key for account in declared.accounts.values() for key in account.access_keys]


def _accounts(node: Node, keys: list[WorldKey]) -> list[dict[str, str]]:
    shown = []
    for key in keys:
        stored = node.work.catalog().access_key(key.id)
        assert stored is not None, "it was made a moment ago"
        shown.append(
            {
                "account_id": stored.account_id,
                "access_key_id": key.id,
                "secret_access_key": key.secret,
            }
        )
    return shown


def _ready_json(node: Node, keys: list[WorldKey]) -> str:
    return json.dumps(
        {
            "endpoint": node.settings.endpoint,
            "console": None,
            "region": node.settings.region,
            "test_controls": node.settings.test_controls,
            "accounts": _accounts(node, keys),
            "ca_file": str(node.tls.ca),
        }
    )


def _banner(node: Node, keys: list[WorldKey]) -> str:
    lines = [
        f"Redshare is ready at {node.settings.endpoint} (Region {node.settings.region})",
        f"  state  {node.settings.directory}",
        f"  CA     {node.tls.ca}",
    ]
    if node.settings.test_controls:
        lines.append(
            f"  TEST CONTROLS are on: {node.settings.endpoint}{PREFIX}clock, faults, reset"
        )
    accounts = _accounts(node, keys)
    lines += [
        f"  account {a['account_id']}  key {a['access_key_id']}  secret {a['secret_access_key']}"
        for a in accounts
    ]
    first = accounts[0] if accounts else None
    key = first["access_key_id"] if first else "<access key id>"
    secret = first["secret_access_key"] if first else "<secret access key>"
    lines += [
        "",
        "boto3     boto3.client('redshift', endpoint_url="
        f"'{node.settings.endpoint}', region_name='{node.settings.region}',",
        f"              aws_access_key_id='{key}', aws_secret_access_key='{secret}')",
        f"AWS CLI   AWS_ENDPOINT_URL={node.settings.endpoint} AWS_REGION={node.settings.region} "
        f"AWS_ACCESS_KEY_ID={key} \\",
        f"              AWS_SECRET_ACCESS_KEY={secret} aws redshift describe-data-shares",
    ]
    warehouses: list[Warehouse] = list(node.work.catalog().tables[Warehouse].values())
    for warehouse in warehouses:
        namespace = node.warehouses.namespace_of(warehouse)
        lines.append(
            f"psql      psql 'host={node.settings.advertised_host} port={warehouse.port} "
            f"dbname={namespace.default_database} user={namespace.admin_username}'"
            f"   # {warehouse.kind} {warehouse.identifier}"
        )
    return "\n".join(lines)
