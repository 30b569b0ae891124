"""The system's psql: both sides of the loop, over verified TLS."""

from __future__ import annotations

from collections.abc import Iterator

from compat.client import Client, Step, run
from compat.share import offer
from tests.node.running import PASSWORD, PRODUCER, RunningNode


def _psql(node: RunningNode, name: str, sql: str, password: str = PASSWORD) -> tuple[int, str]:
    host, port = node.endpoint(name)
    target = f"host={host} port={port} dbname=dev user=admin sslmode=verify-full"
    command = ["psql", f"{target} sslrootcert={node.ready['ca_file']}", "-X", "-A", "-t"]
    return run([*command, "-v", "ON_ERROR_STOP=1"], {"PGPASSWORD": password}, text=sql)


def _steps(node: RunningNode) -> Iterator[Step]:
    offer(node, "by_psql")
    code, said = _psql(
        node,
        "sales",
        "CREATE TABLE shop (id int IDENTITY(1,1), name varchar(20) ENCODE zstd) "
        "DISTSTYLE KEY DISTKEY(name) SORTKEY(id);\n"
        "ALTER DATASHARE by_psql ADD TABLE public.shop;\nSHOW DATASHARES;\nDESC DATASHARE by_psql;",
    )
    good = code == 0 and "ALTER DATASHARE" in said and "public.shop" in said
    yield Step("producer: DDL, ALTER, SHOW and DESC DATASHARE", good, said)
    code, said = _psql(
        node,
        "analytics",
        f"CREATE DATABASE by_psql FROM DATASHARE by_psql OF ACCOUNT '{PRODUCER}' "
        f"NAMESPACE '{node.guid('sales')}';\n"
        "SELECT words FROM by_psql.public.t_by_psql ORDER BY 1;",
    )
    yield Step("consumer: CREATE DATABASE, SELECT", code == 0 and said.endswith("a\nb"), said)
    code, said = _psql(node, "analytics", "INSERT INTO by_psql.public.t_by_psql VALUES (3, 'c');\n")
    yield Step("consumer: INSERT", said == "INSERT 0 1", said)
    code, said = _psql(
        node, "analytics", "BEGIN;\nSELECT 1;\nROLLBACK;\nSELECT count(*) FROM svv_datashares;"
    )
    yield Step("transactions, system views", code == 0, said)
    for meta, word in (("\\dn", "public"), ("\\dt", "shop"), ("\\l", "dev")):
        code, said = _psql(node, "sales", f"{meta}\n")
        yield Step(meta, code == 0 and word in said, said)
    code, said = _psql(node, "analytics", "SELEC 1;")
    yield Step("a syntax error", code != 0 and "syntax error" in said, said)
    code, said = _psql(node, "analytics", "SELECT 1;", password="wrong")
    yield Step("a wrong password", code != 0 and "password authentication failed" in said, said)


CLIENT = Client(
    "psql", lambda: None, lambda: run(["psql", "--version"])[1], lambda n: list(_steps(n))
)
