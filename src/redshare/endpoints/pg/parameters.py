"""A Bind message's values as a session takes them: as Python has them, or else as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from redshare.core.sql_errors import SqlError
from redshare.wire.pg import messages as pg
from redshare.wire.pg.decode import decode_parameter
from redshare.wire.pg.interval import Interval

_DAY = date(2000, 1, 1)


def parameters(message: pg.Bind, oids: Sequence[int]) -> tuple[object, ...]:
    """The values. Raises ProtocolError, SqlError where one is not of its type."""
    return tuple(
        _value(decode_parameter(value, oid, message.parameter_format(index)))
        for index, (value, oid) in enumerate(zip(message.parameters, oids, strict=True))
    )


def _value(value: object) -> object:
    match value:
        case Interval():
            months, days, micros = value.months, value.days, value.microseconds
            return f"{months} months {days} days {micros} microseconds"
        case time() if value.tzinfo is not None:
            return datetime.combine(_DAY, value).astimezone(UTC).timetz()
        case Decimal() if not value.is_finite():
            raise SqlError(f'invalid input syntax for type numeric: "{value}"', "22P02")
        case _:
            return value
