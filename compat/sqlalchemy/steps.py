"""SQLAlchemy with sqlalchemy-redshift: tables, reflection, ORM, both sides of a share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from telling import TOLD, same, step

SHARE = TOLD["share"]


def engine(side: str, driver: str = "psycopg2") -> sa.Engine:
    ssl: dict[str, Any] = (
        {"ssl": False} if driver == "redshift_connector" else {"sslmode": "disable"}
    )
    url = sa.URL.create(
        f"redshift+{driver}",
        TOLD["user"],
        TOLD["password"],
        **TOLD[side],
        database=TOLD["database"],
    )
    return sa.create_engine(url, connect_args=ssl)


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "sa_person"
    __table_args__ = (
        {
            "redshift_diststyle": "KEY",
            "redshift_distkey": "id",
            "redshift_sortkey": "id",
        },
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None] = mapped_column(sa.String(40))
    height: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 2))
    seen: Mapped[dt.datetime | None]


class Visit(Base):
    __tablename__ = "sa_visit"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[int] = mapped_column(sa.ForeignKey("sa_person.id"))


for DRIVER in ("psycopg2", "redshift_connector"):

    @step(f"{DRIVER}: create tables")
    def _(driver: str = DRIVER) -> None:
        here = engine("producer", driver)
        Base.metadata.drop_all(here)
        Base.metadata.create_all(here)

    @step(f"{DRIVER}: ORM, transactions, parameters")
    def _(driver: str = DRIVER) -> None:
        when = dt.datetime(2026, 1, 2, 3, 4, 5)
        with Session(engine("producer", driver)) as session:
            session.add_all(
                [
                    Person(id=1, name="Ada", height=Decimal("1.65"), seen=when),
                    Person(id=2, name="Jürgen", height=None, seen=None),
                ]
            )
            session.commit()
            session.add(Visit(id=1, person=1))
            session.flush()
            session.rollback()
            found = session.scalars(sa.select(Person).where(Person.name.like("J%"))).one()
            same((found.id, found.height), (2, None))
            same(session.get(Person, 1).height, Decimal("1.65"))
            same(session.scalar(sa.select(sa.func.count()).select_from(Visit)), 0)
            same(session.scalars(sa.select(Person.id).order_by(Person.id).limit(1)).all(), [1])

    @step(f"{DRIVER}: reflection of tables, columns and keys")
    def _(driver: str = DRIVER) -> None:
        inspector = sa.inspect(engine("producer", driver))
        same({"sa_person", "sa_visit"} <= set(inspector.get_table_names()), True)
        same(inspector.has_table("sa_person"), True)
        same(inspector.has_table("sa_nothing"), False)
        same("public" in inspector.get_schema_names(), True)
        columns = {column["name"]: column for column in inspector.get_columns("sa_person")}
        same(list(columns), ["id", "name", "height", "seen"])
        same(str(columns["height"]["type"]), "NUMERIC(8, 2)")
        same(str(columns["name"]["type"]), "VARCHAR(40)")
        same(columns["id"]["nullable"], False)
        same(inspector.get_pk_constraint("sa_person")["constrained_columns"], ["id"])
        keys = inspector.get_foreign_keys("sa_visit")
        same(
            [(k["constrained_columns"], k["referred_table"]) for k in keys],
            [(["person"], "sa_person")],
        )
        same(inspector.get_table_options("sa_person").get("redshift_distkey"), "id")

    @step(f"{DRIVER}: reflection of views")
    def _(driver: str = DRIVER) -> None:
        here = engine("producer", driver)
        with here.begin() as connection:
            connection.execute(sa.text("DROP VIEW IF EXISTS sa_names"))
            connection.execute(sa.text("CREATE VIEW sa_names AS SELECT name FROM sa_person"))
        inspector = sa.inspect(here)
        same("sa_names" in inspector.get_view_names(), True)
        same("sa_person" in inspector.get_view_definition("sa_names"), True)
        with here.begin() as connection:
            connection.execute(sa.text("DROP VIEW sa_names"))

    @step(f"{DRIVER}: MetaData.reflect, a reflected table read")
    def _(driver: str = DRIVER) -> None:
        here = engine("producer", driver)
        metadata = sa.MetaData()
        metadata.reflect(here, only=["sa_person", "sa_visit"])
        table = metadata.tables["sa_person"]
        with here.connect() as connection:
            same(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar(), 2)


@step("consumer: CREATE DATABASE FROM DATASHARE, SELECT")
def _() -> None:
    with engine("producer").execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text(f"ALTER DATASHARE {SHARE} ADD TABLE public.sa_person"))
    here = engine("consumer").execution_options(isolation_level="AUTOCOMMIT")
    with here.connect() as connection:
        connection.execute(
            sa.text(
                f"CREATE DATABASE {SHARE} FROM DATASHARE {SHARE} OF ACCOUNT '{TOLD['account']}' "
                f"NAMESPACE '{TOLD['namespace']}'"
            )
        )
        rows = connection.execute(sa.text(f"SELECT name FROM {SHARE}.public.sa_person ORDER BY id"))
        same([row.name for row in rows], ["Ada", "Jürgen"])
