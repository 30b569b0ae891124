"""Statements about row-level security and masking policies, and what is read from them."""

from __future__ import annotations

from redshare.core.policy import PolicyKind
from redshare.core.privileges import GranteeKind
from redshare.sql.commands import Command
from redshare.sql.commands.grant_readers import Recipient
from redshare.sql.commands.policy import (
    AlterPolicy,
    AttachPolicy,
    CreatePolicy,
    DetachPolicy,
    DropPolicy,
    GrantLookup,
)

RLS, MASKING = PolicyKind.RLS, PolicyKind.MASKING
P = ("p",)
PUBLIC = Recipient(GranteeKind.PUBLIC)
ANN = Recipient(GranteeKind.USER, "ann")
READER = Recipient(GranteeKind.ROLE, "reader")

POLICIES: list[tuple[str, Command]] = [
    ("CREATE RLS POLICY p USING (true)", CreatePolicy(RLS, P, "true")),
    (
        "create rls policy db.p with (a varchar(10), b int) as r using ((r.a = 'x)') or b > 1)",
        CreatePolicy(
            RLS,
            ("db", "p"),
            "(r.a = 'x)') or b > 1",
            (("a", "varchar(10)"), ("b", "int")),
            "r",
        ),
    ),
    ("ALTER RLS POLICY p USING (false)", AlterPolicy(RLS, P, "false")),
    (
        "ATTACH RLS POLICY p ON TABLE s.t, u TO ann, ROLE reader, PUBLIC",
        AttachPolicy(RLS, P, (("s", "t"), ("u",)), (ANN, READER, PUBLIC)),
    ),
    ("DETACH RLS POLICY p ON t FROM ann", DetachPolicy(RLS, P, (("t",),), (ANN,))),
    ("DROP RLS POLICY IF EXISTS p CASCADE", DropPolicy(RLS, P, if_exists=True, cascade=True)),
    (
        "CREATE MASKING POLICY IF NOT EXISTS p WITH (a int, b int) USING (a + b, 0)",
        CreatePolicy(MASKING, P, "a + b, 0", (("a", "int"), ("b", "int")), if_not_exists=True),
    ),
    ("ALTER MASKING POLICY p USING (NULL)", AlterPolicy(MASKING, P, "NULL")),
    (
        "ATTACH MASKING POLICY p ON t (a, b) USING (c) TO ROLE reader PRIORITY 10",
        AttachPolicy(MASKING, P, (("t",),), (READER,), (("a",), ("b",)), (("c",),), 10),
    ),
    (
        "ATTACH MASKING POLICY p ON t (a.b.c.d.e) USING (a.x) TO PUBLIC",
        AttachPolicy(MASKING, P, (("t",),), (PUBLIC,), (("a", "b", "c", "d", "e"),), (("a", "x"),)),
    ),
    (
        "ATTACH MASKING POLICY p ON s.t (a) TO PUBLIC",
        AttachPolicy(MASKING, P, (("s", "t"),), (PUBLIC,), (("a",),)),
    ),
    (
        "DETACH MASKING POLICY p ON t (a) FROM PUBLIC",
        DetachPolicy(MASKING, P, (("t",),), (PUBLIC,), (("a",),)),
    ),
    ("DROP MASKING POLICY p", DropPolicy(MASKING, P)),
    (
        "GRANT SELECT ON TABLE s.t, u TO RLS POLICY p, db.q",
        GrantLookup(RLS, (("s", "t"), ("u",)), (P, ("db", "q"))),
    ),
    ("REVOKE SELECT ON t FROM RLS POLICY p", GrantLookup(RLS, (("t",),), (P,), revoke=True)),
    ("GRANT SELECT ON t TO MASKING POLICY p", GrantLookup(MASKING, (("t",),), (P,))),
    (
        "REVOKE SELECT ON TABLE t FROM MASKING POLICY p",
        GrantLookup(MASKING, (("t",),), (P,), revoke=True),
    ),
]
