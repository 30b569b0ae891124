"""`redshare demo`: the product's main job, with unmodified clients, step by step.

Two accounts, one share: granted, authorized, associated, read live, written back with consent,
taken away. Exits with 0 only if every step did what it says.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import boto3
import psycopg
import typer

from redshare.app.world import World, WorldAccount, WorldAdmin, WorldKey, WorldNamespace
from redshare.bootstrap import Node, open_node
from redshare.cli.demo_data import SALES, statements
from redshare.config import Settings
from redshare.core.ids import AccountId
from redshare.servers.run import Stop, listening_socket, serve

PRODUCER, CONSUMER = "111111111111", "222222222222"
PASSWORD = "Passw0rd!"  # noqa: S105 - of a node that lives as long as the demo
KEYS = {
    PRODUCER: WorldKey("AKIAPRODUCER00000001", "producer-secret-key-000000000000000000001"),
    CONSUMER: WorldKey("AKIACONSUMER00000001", "consumer-secret-key-000000000000000000001"),
}
WORLD = World(
    {
        account: WorldAccount(
            alias=alias,
            access_keys=(KEYS[account],),
            namespaces={
                name: WorldNamespace(WorldAdmin("admin", PASSWORD), workgroup=f"{name}-wg")
            },
        )
        for account, alias, name in (
            (PRODUCER, "producer", "sales"),
            (CONSUMER, "consumer", "analytics"),
        )
    }
)
TOP = """
SELECT c.catgroup, sum(s.qtysold) AS tickets, sum(s.pricepaid) AS revenue
FROM tickets.public.sales s
JOIN tickets.public.event e ON s.eventid = e.eventid
JOIN tickets.public.category c ON e.catid = c.catid
GROUP BY c.catgroup ORDER BY revenue DESC
"""


class StepFailed(Exception):
    """A step did not do what it says."""


@dataclass
class Demo:
    """The two sides' clients and what the steps found out on their way."""

    node: Node
    endpoint: str
    arn: str = ""
    namespaces: dict[str, Any] = field(default_factory=dict)
    sql: dict[str, Any] = field(default_factory=dict)

    def client(self, account: str, service: str = "redshift") -> Any:  # noqa: ANN401 - boto3's own
        """An unmodified boto3 client of an account."""
        key = KEYS[account]
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
        )

    def connect(self, account: str, name: str) -> Any:  # noqa: ANN401 - psycopg's own
        """An unmodified psycopg connection to an account's workgroup."""
        serverless = self.client(account, "redshift-serverless")
        group = serverless.get_workgroup(workgroupName=f"{name}-wg")["workgroup"]
        self.namespaces[account] = serverless.get_namespace(namespaceName=name)["namespace"]
        return psycopg.connect(
            host=group["endpoint"]["address"],
            port=group["endpoint"]["port"],
            dbname="dev",
            user="admin",
            password=PASSWORD,
            autocommit=True,
        )

    # --- the steps ------------------------------------------------------------------------

    def make_data(self) -> str:
        """The producer creates its tables and fills them."""
        self.sql[PRODUCER] = self.connect(PRODUCER, "sales")
        self.sql[CONSUMER] = self.connect(CONSUMER, "analytics")
        for statement in statements():
            self.sql[PRODUCER].execute(statement)
        return f"{self.one(PRODUCER, 'SELECT count(*) FROM sales')} rows in sales"

    def create_share(self) -> str:
        """The producer's SQL creates a datashare and grants it to the consumer's account."""
        guid = self.namespaces[PRODUCER]["namespaceId"]
        for statement in (
            "CREATE DATASHARE salesshare",
            "ALTER DATASHARE salesshare ADD SCHEMA public",
            "ALTER DATASHARE salesshare ADD TABLE public.category, public.event, public.sales",
            "GRANT SELECT, INSERT ON TABLE public.review TO DATASHARE salesshare",
            f"GRANT USAGE ON DATASHARE salesshare TO ACCOUNT '{CONSUMER}'",
        ):
            self.sql[PRODUCER].execute(statement)
        self.arn = f"arn:aws:redshift:us-east-1:{PRODUCER}:datashare:{guid}/salesshare"
        return self.expect("status", self.status(PRODUCER), "PENDING_AUTHORIZATION")

    def authorize(self) -> str:
        """The producer's account authorizes the consumer, writes included."""
        answer = self.client(PRODUCER).authorize_data_share(
            DataShareArn=self.arn, ConsumerIdentifier=CONSUMER, AllowWrites=True
        )
        found = answer["DataShareAssociations"][0]["Status"]
        self.expect("the consumer sees", self.status(CONSUMER), "AVAILABLE")
        return self.expect("status", found, "AUTHORIZED")

    def associate(self) -> str:
        """The consumer's account associates its namespace, accepting writes."""
        self.client(CONSUMER).associate_data_share_consumer(
            DataShareArn=self.arn,
            ConsumerArn=self.namespaces[CONSUMER]["namespaceArn"],
            AllowWrites=True,
        )
        self.expect("the consumer sees", self.status(CONSUMER), "ACTIVE")
        return self.expect("status", self.status(PRODUCER), "ACTIVE")

    def query(self) -> str:
        """The consumer's SQL names the share and joins the producer's tables."""
        guid = self.namespaces[PRODUCER]["namespaceId"]
        self.sql[CONSUMER].execute(
            f"CREATE DATABASE tickets FROM DATASHARE salesshare OF ACCOUNT '{PRODUCER}' "
            f"NAMESPACE '{guid}'"
        )
        rows = self.sql[CONSUMER].execute(TOP).fetchall()
        self.expect("groups", len(rows), 3)
        for group, sold, revenue in rows:
            print(f"        {group:<10} {sold:>6} tickets {revenue:>12}")
        return "three producer tables joined, nothing copied"

    def live(self) -> str:
        """A row the producer commits is in the consumer's next query."""
        before = self.one(CONSUMER, "SELECT count(*) FROM tickets.public.sales")
        self.sql[PRODUCER].execute(
            f"INSERT INTO sales VALUES ({SALES + 1}, 1, 2, 90.00, '2008-12-31')"
        )
        after = self.one(CONSUMER, "SELECT count(*) FROM tickets.public.sales")
        self.expect("rows more", after - before, 1)
        return f"{before} rows, then {after}"

    def write(self) -> str:
        """With consent of both sides the consumer writes; the producer sees it at once."""
        self.sql[CONSUMER].execute(
            "INSERT INTO tickets.public.review VALUES (1, 5, 'Worth every ticket')"
        )
        words = self.one(PRODUCER, "SELECT words FROM review")
        return self.expect("the producer reads", words, "Worth every ticket")

    def not_shared(self) -> str:
        """What was not shared is not there, and the share allows no more than was granted."""
        self.refused("SELECT * FROM tickets.public.secrets", "does not exist")
        return self.refused("DELETE FROM tickets.public.sales", "permission denied")

    def deauthorize(self) -> str:
        """The producer's account takes the authorization back."""
        answer = self.client(PRODUCER).deauthorize_data_share(
            DataShareArn=self.arn, ConsumerIdentifier=CONSUMER
        )
        return self.expect("status", answer["DataShareAssociations"][0]["Status"], "DEAUTHORIZED")

    def denied(self) -> str:
        """The consumer's next statement on its open session is refused."""
        return self.refused("SELECT count(*) FROM tickets.public.sales", "not accessible")

    def audit(self) -> str:
        """Both accounts' calls and statements on the share were kept."""
        for account in (PRODUCER, CONSUMER):
            for _, row in self.node.work.store.audit(AccountId(account)):
                print(f"        {row.at:%H:%M:%S.%f} {row.account} {row.action}")
        rows = self.node.work.store.audit(AccountId(PRODUCER))
        calls = [row.action for _, row in rows if row.action.endswith("DataShare")]
        expected = ["redshift:AuthorizeDataShare", "redshift:DeauthorizeDataShare"]
        return self.expect("the producer's calls", calls, expected)

    # --- how ------------------------------------------------------------------------------

    def one(self, account: str, sql: str) -> Any:  # noqa: ANN401 - a value of the database
        """The single value of a query."""
        return self.sql[account].execute(sql).fetchone()[0]

    def status(self, account: str) -> str:
        """The share's status as an account sees it."""
        shares = self.client(account).describe_data_shares(DataShareArn=self.arn)["DataShares"]
        status: str = shares[0]["DataShareAssociations"][0]["Status"]
        return status

    def refused(self, sql: str, text: str) -> str:
        """The consumer's statement fails with that text."""
        try:
            self.sql[CONSUMER].execute(sql).fetchall()
        except psycopg.Error as error:
            message = str(error).splitlines()[0]
            if text not in message:
                raise StepFailed(f"{sql}: expected {text!r}, got {message!r}") from error
            return f"refused: {message}"
        raise StepFailed(f"{sql} was not refused")

    @staticmethod
    def expect(what: str, found: object, wanted: object) -> str:
        """Raises StepFailed unless they are equal."""
        if found != wanted:
            raise StepFailed(f"{what}: expected {wanted!r}, got {found!r}")
        return f"{what} {found}"


STEPS: tuple[Callable[[Demo], str], ...] = (
    Demo.make_data,
    Demo.create_share,
    Demo.authorize,
    Demo.associate,
    Demo.query,
    Demo.live,
    Demo.write,
    Demo.not_shared,
    Demo.deauthorize,
    Demo.denied,
    Demo.audit,
)


def run_steps(demo_: Demo) -> bool:
    """Every step in order; stops at the first that fails."""
    try:
        for number, step in enumerate(STEPS, 1):
            print(f"  {number:>2}. {step.__doc__}", flush=True)
            print(f"        -> {step(demo_)}", flush=True)
    except Exception as error:  # noqa: BLE001 - whatever a client raised: the demo fails
        print(f"        FAILED: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return False
    finally:
        for connection in demo_.sql.values():
            connection.close()
    return True


def demo(
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Keep the node's state here, for a look after.")
    ] = None,
) -> None:
    """Show the whole loop: two accounts, one share, real clients."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="redshare-demo-") as temporary:
        listening = listening_socket("127.0.0.1", 0)
        settings = Settings(directory=directory or Path(temporary), port=listening.getsockname()[1])
        with listening, open_node(settings) as node:
            node.apply(WORLD)
            endpoint = f"http://127.0.0.1:{settings.port}"
            print(f"A node with two accounts at {endpoint}\n", flush=True)
            done = _while_serving(node, listening, Demo(node, endpoint))
    seconds = time.monotonic() - began
    if not done:
        raise typer.Exit(1)
    print(f"\nEvery step did what it says, in {seconds:.1f} s. Next: redshare serve --help")


def _while_serving(node: Node, listening: Any, steps: Demo) -> bool:  # noqa: ANN401 - a socket
    outcome: list[bool] = []

    def ready(stop: Stop) -> None:
        def work() -> None:
            try:
                outcome.append(run_steps(steps))
            finally:
                stop()

        threading.Thread(target=work, name="demo").start()

    serve(node.http, listening, ready)
    return outcome == [True]
