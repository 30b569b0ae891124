"""DataHub's Redshift source on both sides, with a stand-in for the server that knows shares.

The source asks that server which outbound share an inbound one is. What the producer's run says
is kept and answered to the consumer's run, as the server would.
"""

from __future__ import annotations

from typing import Any

import redshift_connector
from datahub.emitter.mcp import MetadataChangeProposalWrapper
from datahub.ingestion.api.common import PipelineContext
from datahub.ingestion.source.redshift.redshift import RedshiftSource
from telling import TOLD, same, step

SHARE = TOLD["share"]


class Server:
    """The few calls that the source and its platform resources make."""

    _gms_server = "http://none"

    def __init__(self) -> None:
        self.aspects: dict[str, dict[str, Any]] = {}

    def keep(self, unit: Any) -> None:
        change = unit.metadata
        if isinstance(change, MetadataChangeProposalWrapper):
            self.aspects.setdefault(change.entityUrn, {})[change.aspectName] = change.aspect

    def get_config(self) -> dict[str, Any]:
        return {}

    def exists(self, urn: str) -> bool:
        return urn in self.aspects

    def get_entity_semityped(self, urn: str) -> dict[str, Any]:
        return self.aspects[urn]

    def get_aspect(self, urn: str, kind: Any) -> Any:
        return self.aspects.get(urn, {}).get(kind.ASPECT_NAME)

    def get_entities(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {}

    def _get_generic(self, *_: Any, **__: Any) -> dict[str, Any]:
        # DataHub's own server would look for the share by name: other jobs left shares, too.
        found = [
            urn
            for urn, aspects in self.aspects.items()
            if urn.startswith("urn:li:platformResource:") and SHARE in str(aspects)
        ]
        return {"entities": [{"urn": urn, "platformResourceKey": {}} for urn in found]}


SERVER = Server()


def ingest(side: str, database: str) -> dict[str, dict[str, Any]]:
    """A run of the source: aspects by dataset; failures and warnings end it."""
    config = {
        "host_port": f"{TOLD[side]['host']}:{TOLD[side]['port']}",
        "database": database,
        "username": TOLD["user"],
        "password": TOLD["password"],
        "is_serverless": True,
        "platform_instance": side,
        "extra_client_options": {"ssl": False},
        "schema_pattern": {"allow": [f"^{database}[.]public$"]},
        "match_fully_qualified_names": True,
        "include_usage_statistics": False,
        "include_query_usage_statistics": False,
        "stateful_ingestion": {"enabled": False},
        # Its query orders a SELECT DISTINCT by what is not selected, an error of PostgreSQL's.
        "include_unload_lineage": False,
        "profiling": {"enabled": False},
    }
    context = PipelineContext(run_id=side, pipeline_name=side, graph=SERVER)
    source = RedshiftSource.create(config, context)
    found: dict[str, dict[str, Any]] = {}
    for unit in source.get_workunits():
        SERVER.keep(unit)
        change = unit.metadata
        if isinstance(change, MetadataChangeProposalWrapper):
            found.setdefault(change.entityUrn, {})[change.aspectName] = change.aspect
    source.close()
    report = source.get_report()
    told = [*report.failures, *report.warnings]
    assert not told, "\n".join(f"{one.title}: {one.message} {list(one.context)}" for one in told)
    return {urn: aspects for urn, aspects in found.items() if urn.startswith("urn:li:dataset:")}


def named(found: dict[str, dict[str, Any]], name: str) -> tuple[str, dict[str, Any]]:
    (one,) = [(urn, aspects) for urn, aspects in found.items() if f".{name}," in urn]
    return one


def columns(aspects: dict[str, Any]) -> list[tuple[str, str]]:
    fields = aspects["schemaMetadata"].fields
    return [(field.fieldPath, field.nativeDataType) for field in fields]


@step("producer: tables, columns, views")
def _() -> None:
    found = ingest("producer", TOLD["database"])
    _, table = named(found, "by_datahub_t")
    same(columns(table), [("i", "INTEGER"), ("words", "CHARACTER VARYING(20)")])
    _, view = named(found, "by_datahub_v")
    same("words" in view["viewProperties"].viewLogic, True)


@step("producer: lineage of a view")
def _() -> None:
    found = SERVER.aspects
    view, aspects = next(item for item in found.items() if ".by_datahub_v," in item[0])
    upstreams = [upstream.dataset for upstream in aspects["upstreamLineage"].upstreams]
    same(upstreams, [view.replace("by_datahub_v", "by_datahub_t")])


@step("consumer: the shared database, its tables and columns")
def _() -> None:
    with redshift_connector.connect(
        **TOLD["consumer"],
        database=TOLD["database"],
        user=TOLD["user"],
        password=TOLD["password"],
        ssl=False,
    ) as connection:
        connection.autocommit = True
        connection.cursor().execute(
            f"CREATE DATABASE {SHARE} FROM DATASHARE {SHARE} OF ACCOUNT '{TOLD['account']}' "
            f"NAMESPACE '{TOLD['namespace']}'"
        )
    found = ingest("consumer", SHARE)
    _, table = named(found, f"t_{SHARE}")
    same([name for name, _ in columns(table)], ["i", "words"])


@step("consumer: lineage to the producer's table")
def _() -> None:
    urn = next(urn for urn in SERVER.aspects if f"consumer.{SHARE}.public.t_{SHARE}," in urn)
    upstreams = [one.dataset for one in SERVER.aspects[urn]["upstreamLineage"].upstreams]
    same(upstreams, [urn.replace(f"consumer.{SHARE}.", f"producer.{TOLD['database']}.")])
