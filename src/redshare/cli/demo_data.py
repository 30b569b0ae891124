"""TICKIT-shaped data for the demo: made here, from a seed, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

SEED = 20081
FIRST_DAY = date(2008, 1, 1)
CATEGORIES = (
    (1, "Sports", "MLB"),
    (2, "Sports", "NHL"),
    (3, "Shows", "Musicals"),
    (4, "Shows", "Plays"),
    (5, "Concerts", "Pop"),
    (6, "Concerts", "Classical"),
)
ARTISTS = ("Aria", "Brass Circus", "Cantata", "Dune Choir", "Echo Park", "Fjord", "Gale")
EVENTS = 60
SALES = 2000
ROWS_A_STATEMENT = 500

TABLES = (
    "CREATE TABLE category (catid smallint NOT NULL, catgroup varchar(10), catname varchar(20)) "
    "DISTSTYLE ALL",
    "CREATE TABLE event (eventid integer NOT NULL DISTKEY, catid smallint NOT NULL, "
    "eventname varchar(200), starttime date SORTKEY)",
    "CREATE TABLE sales (salesid integer NOT NULL, eventid integer NOT NULL DISTKEY, "
    "qtysold smallint NOT NULL, pricepaid decimal(8,2), saledate date SORTKEY)",
    "CREATE TABLE review (eventid integer, stars smallint, words varchar(200))",
)


def statements() -> Iterator[str]:
    """CREATE TABLE and INSERT statements."""
    chance = random.Random(SEED)  # noqa: S311 - sample data
    yield from TABLES
    yield _insert("category", CATEGORIES)
    yield _insert(
        "event",
        [
            (
                number,
                chance.randint(1, len(CATEGORIES)),
                f"{chance.choice(ARTISTS)} {number}",
                (FIRST_DAY + timedelta(days=chance.randint(0, 364))).isoformat(),
            )
            for number in range(1, EVENTS + 1)
        ],
    )
    sales = [_sale(chance, number) for number in range(1, SALES + 1)]
    for start in range(0, SALES, ROWS_A_STATEMENT):
        yield _insert("sales", sales[start : start + ROWS_A_STATEMENT])


def _sale(chance: random.Random, number: int) -> tuple[object, ...]:
    quantity = chance.randint(1, 8)
    price = quantity * chance.randint(2000, 40000) / 100
    day = FIRST_DAY + timedelta(days=chance.randint(0, 364))
    return number, chance.randint(1, EVENTS), quantity, f"{price:.2f}", day.isoformat()


def _insert(table: str, rows: list[tuple[object, ...]] | tuple[tuple[object, ...], ...]) -> str:
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
    return f"INSERT INTO {table} VALUES {values}"


def _literal(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"
