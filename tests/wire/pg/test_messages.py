"""Backend messages against bytes written down by hand."""

from __future__ import annotations

import dataclasses
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshare.wire.pg import messages as m
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState
from tests.wire.pg import client


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (m.authentication_ok(), b"R\0\0\0\x08\0\0\0\0"),
        (m.authentication_cleartext_password(), b"R\0\0\0\x08\0\0\0\3"),
        (m.authentication_md5_password(b"salt"), b"R\0\0\0\x0c\0\0\0\5salt"),
        (
            m.authentication_sasl(["SCRAM-SHA-256"]),
            b"R\0\0\0\x17\0\0\0\nSCRAM-SHA-256\0\0",
        ),
        (m.authentication_sasl_continue(b"r=x"), b"R\0\0\0\x0b\0\0\0\x0br=x"),
        (m.authentication_sasl_final(b"v=x"), b"R\0\0\0\x0b\0\0\0\x0cv=x"),
        (
            m.authentication_redshift_digest(b"salt", b"nonce"),
            b"R\0\0\0\x1d\0\0\0\x0d\0\0\0\0\0\0\0\4salt\0\0\0\5nonce",
        ),
        (m.authentication_idp_token(), b"R\0\0\0\x08\0\0\0\x0e"),
        (m.parameter_status("a", "ü"), b"S\0\0\0\x09a\0\xc3\xbc\0"),
        (m.backend_key_data(7, b"key!"), b"K\0\0\0\x0c\0\0\0\7key!"),
        (m.ready_for_query(m.TransactionStatus.IDLE), b"Z\0\0\0\5I"),
        (m.ready_for_query(m.TransactionStatus.IN_TRANSACTION), b"Z\0\0\0\5T"),
        (m.ready_for_query(m.TransactionStatus.FAILED), b"Z\0\0\0\5E"),
        (m.parameter_description([23, 0]), b"t\0\0\0\x0e\0\2\0\0\0\x17\0\0\0\0"),
        (m.parse_complete(), b"1\0\0\0\4"),
        (m.bind_complete(), b"2\0\0\0\4"),
        (m.close_complete(), b"3\0\0\0\4"),
        (m.no_data(), b"n\0\0\0\4"),
        (m.portal_suspended(), b"s\0\0\0\4"),
        (m.empty_query_response(), b"I\0\0\0\4"),
        (m.command_complete("SELECT 1"), b"C\0\0\0\x0dSELECT 1\0"),
        (m.data_row([b"1", None, b""]), b"D\0\0\0\x13\0\3\0\0\0\x011\xff\xff\xff\xff\0\0\0\0"),
        (
            m.negotiate_protocol_version(0, ["_pq_.x"]),
            b"v\0\0\0\x13\0\3\0\0\0\0\0\1_pq_.x\0",
        ),
        (
            m.error_response(SqlState.SYNTAX_ERROR, "no", position=4, hint="yes"),
            b"E\0\0\0\x26SERROR\0VERROR\0C42601\0Mno\0Hyes\0P4\0\0",
        ),
        (
            m.notice_response(SqlState.WARNING, "so", severity="WARNING", detail="d"),
            b"N\0\0\0\x25SWARNING\0VWARNING\0C01000\0Mso\0Dd\0\0",
        ),
    ],
)
def test_golden(message: bytes, expected: bytes) -> None:
    """Each message stands in the bytes the protocol's pages ask for."""
    assert expected == message
    assert len(client.split(message)) == 1


FIELD = m.FieldDescription("n", 1700, -1, 196614, 1, 5, 2, "s", "t", "c", "db", nullable=False)
PLAIN_FIELD = b"n\0" + b"\0\0\0\5" + b"\0\2" + b"\0\0\6\xa4" + b"\xff\xff" + b"\0\3\0\6" + b"\0\1"


def test_row_description() -> None:
    """A field is its name, table, number, OID, size, typmod and format."""
    assert m.row_description([FIELD]) == b"T\0\0\0\x1a\0\1" + PLAIN_FIELD
    assert m.row_description([]) == b"T\0\0\0\6\0\0"


def test_extended_row_description() -> None:
    """Redshift's form adds schema, table, column and catalog, and a word of flags."""
    assert (
        m.row_description([FIELD], extended=True)
        == b"T\0\0\0\x25\0\1" + PLAIN_FIELD + b"s\0t\0c\0db\0" + b"\x10\0"
    )


@pytest.mark.parametrize(
    ("flag", "bit"), [("nullable", 0), ("autoincrement", 4), ("read_only", 8), ("searchable", 12)]
)
def test_field_flags(flag: str, bit: int) -> None:
    """Each attribute has its bit, where Redshift's drivers look for it."""
    none = m.FieldDescription("c", 23, nullable=False, searchable=False)

    assert none.flags == 0
    assert dataclasses.replace(none, **{flag: True}).flags == 1 << bit


def test_counts_that_do_not_fit() -> None:
    """More columns or parameters than the counts can hold are refused."""
    with pytest.raises(ProtocolError) as caught:
        m.row_description([FIELD] * 0x8000)

    assert caught.value.sqlstate == "54011"

    with pytest.raises(ProtocolError) as caught:
        m.parameter_description([23] * 0x10000)

    assert caught.value.sqlstate == "54000"


@given(st.text(), st.text(), st.text())
def test_any_text_keeps_the_framing(message: str, detail: str, name: str) -> None:
    """Whatever texts hold (NUL, lone surrogates), a message stays one message."""
    for data in (
        m.error_response("XX000", message, detail=detail, where=name, table_name=name),
        m.parameter_status(name, message),
        m.command_complete(message),
    ):
        ((_, body),) = client.split(data)

        assert body.endswith(b"\0")

    fields = m.error_response("XX000", message, detail=detail)[5:-1].split(b"\0")

    assert [field[:1] for field in fields] == [b"S", b"V", b"C", b"M", b"D", b""]

    (kind, body) = client.split(m.row_description([m.FieldDescription(name, 25)]))[0]

    assert kind == "T"
    assert struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0) == body[-18:]


def test_every_field_of_an_error() -> None:
    """All fields the protocol names can be sent, under their letters."""
    data = m.error_response(
        "23505",
        "m",
        severity="FATAL",
        detail="d",
        hint="h",
        position=1,
        internal_position=2,
        internal_query="q",
        where="w",
        schema_name="s",
        table_name="t",
        column_name="c",
        data_type_name="y",
        constraint_name="n",
        file="f",
        line=3,
        routine="r",
    )

    expected = b"SFATAL VFATAL C23505 Mm Dd Hh P1 p2 qq Ww ss tt cc dy nn Ff L3 Rr"
    assert expected.split() == data[5:-2].split(b"\0")


def test_sqlstates_have_five_characters() -> None:
    """Each code is five characters and named once."""
    assert {5} == {len(code) for code in SqlState}
    assert len(set(SqlState)) == len(SqlState.__members__)
