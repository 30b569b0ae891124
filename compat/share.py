"""A share of the producer's for one client, with nothing but SQL done to it."""

from __future__ import annotations

from tests.node.running import CONSUMER, RunningNode


def make_share(node: RunningNode, name: str) -> str:
    """A table of two rows in a share granted to the consumer's account; the share's ARN."""
    with node.connect("sales") as producer:
        for sql in (
            f"CREATE TABLE t_{name} (i integer, words varchar(20))",
            f"INSERT INTO t_{name} VALUES (1, 'a'), (2, 'b')",
            f"CREATE DATASHARE {name}",
            f"ALTER DATASHARE {name} ADD SCHEMA public",
            f"ALTER DATASHARE {name} ADD TABLE public.t_{name}",
            f"GRANT SELECT, INSERT ON TABLE public.t_{name} TO DATASHARE {name}",
            f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'",
        ):
            producer.execute(sql)
    return node.share_arn(name)


def offer(node: RunningNode, name: str) -> None:
    """The two accounts' calls, so that the SQL of both sides can be tried."""
    arn = make_share(node, name)
    node.client().authorize_data_share(
        DataShareArn=arn, ConsumerIdentifier=CONSUMER, AllowWrites=True
    )
    node.client(CONSUMER).associate_data_share_consumer(
        DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics"), AllowWrites=True
    )
