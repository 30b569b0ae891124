"""Whatever a document says it is read or refused, and what is read is decided."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from redshare.core.iam.decide import Named, Policies
from redshare.core.iam.errors import MalformedPolicyDocument
from redshare.core.iam.operators import OPERATORS
from redshare.core.iam.parse import Use, parse
from tests.core.iam.asking import ANA, SHARE, ask

TEXTS = st.sampled_from(
    [
        *("*", "", "a", "true", "5", "-1e9", "2026-01-01", "10.0.0.0/8", "QQ==", "Allow", "Deny"),
        *("redshift:*", "sts:AssumeRole", SHARE, "arn:aws:s3:::${aws:username}", "${", "${$}x"),
        *(
            "${aws:TagKeys}",
            "${a, 'b'}",
            "${*}?",
            "2012-10-17",
            "2008-10-17",
            ANA.arn,
            "\ud800",
            "\0",
        ),
    ]
)
KEYS = st.sampled_from(
    [
        *("Version", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource"),
        *("NotResource", "Principal", "NotPrincipal", "Condition", "AWS", "Service", "aws:x"),
        *(f"{before}{name}{after}" for name in OPERATORS for before in ("", "ForAnyValue:")
          for after in ("", "IfExists")),
    ]
)  # fmt: skip
ANYTHING = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
CONDITIONS = st.dictionaries(
    KEYS, st.dictionaries(st.just("aws:x"), TEXTS | st.lists(TEXTS, max_size=2)), max_size=2
)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": TEXTS, "Resource": TEXTS},
    optional={"Condition": CONDITIONS, "Principal": ANYTHING, "Sid": ANYTHING},
)
DOCUMENTS = ANYTHING | st.fixed_dictionaries(
    {"Statement": STATEMENTS | st.lists(STATEMENTS | ANYTHING, max_size=3)},
    optional={"Version": TEXTS | ANYTHING},
)


@given(DOCUMENTS, st.sampled_from(Use), TEXTS)
def test_any_document(document: Any, use: Use, value: str) -> None:
    """No other error than MalformedPolicyDocument, and none at all once it is read."""
    try:
        read = parse(json.dumps(document), use)
    except MalformedPolicyDocument:
        return
    named = Named("p", read)
    for policies in (Policies((named,)), Policies((named,), named, (named,), named)):
        assert ask(policies, aws__x=value, aws__username="ana", aws__TagKeys=("a", "b"))


@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    """What is no JSON is refused."""
    try:
        parse(text)
    except MalformedPolicyDocument as refused:
        assert refused.message
