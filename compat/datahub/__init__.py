"""DataHub's Redshift source: both sides of a share, and the lineage across it."""

from __future__ import annotations

from collections.abc import Sequence

from compat.client import Client, Step
from compat.driven import recorded_steps
from compat.installed import python_client, versions
from tests.node.running import PRODUCER, RunningNode


def _run(node: RunningNode) -> Sequence[Step]:
    """The database is there before: a run of the source is for one database."""
    with node.connect("sales") as producer:
        producer.execute("CREATE TABLE by_datahub_t (i integer, words varchar(20))")
        producer.execute("CREATE VIEW by_datahub_v AS SELECT words FROM by_datahub_t")
    return recorded_steps("datahub", node, producer_account=PRODUCER)


CLIENT = Client(
    "DataHub",
    python_client("datahub", "acryl-datahub[redshift]>=1.2,<2"),
    versions("datahub", "acryl-datahub"),
    _run,
)
