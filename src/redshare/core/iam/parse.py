"""A policy document from its text: read, checked and made ready to be asked.

Whatever is not of the grammar is refused in AWS's words; nothing is guessed. A text is read in
time and depth that its length bounds.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from redshare.core.iam.condition_syntax import conditions
from redshare.core.iam.document import Document, Effect, PrincipalElement, Statement
from redshare.core.iam.errors import MalformedPolicyDocument
from redshare.core.iam.principal_syntax import principals
from redshare.core.iam.template import MalformedVariable, Template, segments, template
from redshare.core.iam.wildcard import Pattern, Wild, plain

#: Longer than any quota: what a parameter of the IAM API may hold.
MAX_TEXT: Final = 131_072
VARIABLES_SINCE: Final = "2012-10-17"
_VERSIONS: Final = frozenset({"2008-10-17", VARIABLES_SINCE})
_TOP: Final = frozenset({"Version", "Id", "Statement"})
_ELEMENTS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)
_SID: Final = re.compile(r"[0-9A-Za-z]*")
_ACTION: Final = re.compile(r"\*|([0-9A-Za-z-]+|\*):[0-9A-Za-z_*?-]+")


class Use(Enum):
    """What a document is for: which elements it must and must not have."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"


@lru_cache(maxsize=1024)
def parse(text: str, use: Use = Use.IDENTITY) -> Document:
    """The document. Raises MalformedPolicyDocument."""
    top = _object(_json(text))
    _only(top, _TOP)
    version = top.get("Version", "2008-10-17")
    if not isinstance(version, str) or version not in _VERSIONS:
        raise MalformedPolicyDocument("Policy document must be version 2012-10-17 or greater.")
    written = top.get("Statement")
    statements = written if isinstance(written, list) else [written]
    if written is None or not statements:
        raise MalformedPolicyDocument("Syntax errors in policy.")
    variables = version == VARIABLES_SINCE
    read = [
        _statement(index, _object(one), use, variables=variables)
        for index, one in enumerate(statements, 1)
    ]
    sids = [statement.sid for statement in read if statement.sid]
    if len(set(sids)) != len(sids):
        raise MalformedPolicyDocument("Statement IDs (SID) in a single policy must be unique.")
    return Document(tuple(read))


def _json(text: str) -> object:
    if len(text) > MAX_TEXT:
        raise MalformedPolicyDocument("Syntax errors in policy.")
    try:
        # Numbers of conditions are compared as they are written.
        read: object = json.loads(
            text, object_pairs_hook=_unique, parse_float=str, parse_int=str, parse_constant=_refuse
        )
    except (ValueError, RecursionError) as error:
        raise MalformedPolicyDocument("Syntax errors in policy.") from error
    return read


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return value


def _only(element: Mapping[str, Any], known: frozenset[str]) -> None:
    if not known.issuperset(element):
        raise MalformedPolicyDocument("Syntax errors in policy.")


def _statement(index: int, written: Mapping[str, Any], use: Use, *, variables: bool) -> Statement:
    _only(written, _ELEMENTS)
    sid = written.get("Sid", "")
    if not isinstance(sid, str) or (use is not Use.RESOURCE and not _SID.fullmatch(sid)):
        raise MalformedPolicyDocument("Statement IDs (SID) must be alpha-numeric.")
    effect = written.get("Effect")
    if not isinstance(effect, str) or effect not in {"Allow", "Deny"}:
        raise MalformedPolicyDocument("Syntax errors in policy.")
    actions = _one_of(written, "Action", "Policy statement must contain actions.")
    resources, not_resource = _resources(written, use, variables=variables)
    return Statement(
        index=index,
        sid=sid,
        effect=Effect(effect),
        actions=_actions(actions, use),
        not_action="NotAction" in written,
        resources=resources,
        not_resource=not_resource,
        principal=_principal(written, use),
        conditions=conditions(written.get("Condition", {}), variables=variables),
    )


def _one_of(written: Mapping[str, Any], name: str, missing: str) -> tuple[str, ...]:
    """The texts of an element or of its Not- form; exactly one of them is there."""
    given = [written[key] for key in (name, f"Not{name}") if key in written]
    if len(given) > 1:
        raise MalformedPolicyDocument("Syntax errors in policy.")
    texts = given[0] if given and isinstance(given[0], list) else given
    if not texts:
        raise MalformedPolicyDocument(missing)
    if not all(isinstance(text, str) for text in texts):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return tuple(texts)


def _actions(texts: tuple[str, ...], use: Use) -> tuple[Pattern, ...]:
    for text in texts:
        if not _ACTION.fullmatch(text):
            raise MalformedPolicyDocument(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            )
        if use is Use.TRUST and not text.lower().startswith("sts:"):
            raise MalformedPolicyDocument(
                "AssumeRole policy may only specify STS AssumeRole actions."
            )
    return tuple(plain(text.lower()) for text in texts)


def _resources(
    written: Mapping[str, Any], use: Use, *, variables: bool
) -> tuple[tuple[Template, ...] | None, bool]:
    present = bool({"Resource", "NotResource"} & written.keys())
    if use is Use.TRUST and present:
        raise MalformedPolicyDocument("Has prohibited field Resource")
    if use is not Use.IDENTITY and not present:
        return None, False
    texts = _one_of(written, "Resource", "Policy statement must contain resources.")
    return tuple(_resource(text, variables=variables) for text in texts), "NotResource" in written


def _resource(text: str, *, variables: bool) -> Template:
    try:
        read = template(text, variables=variables)
    except MalformedVariable as error:
        raise MalformedPolicyDocument(f"Invalid policy variable {error}.") from error
    if read != (Wild.STAR,) and not text.startswith("arn:"):
        raise MalformedPolicyDocument(f'Resource {text} must be in ARN format or "*".')
    if read != (Wild.STAR,) and len(segments(read)) < 6:
        raise MalformedPolicyDocument("The policy failed legacy parsing")
    return read


def _principal(written: Mapping[str, Any], use: Use) -> PrincipalElement | None:
    present = {"Principal", "NotPrincipal"} & written.keys()
    if use is Use.IDENTITY:
        if present:
            raise MalformedPolicyDocument("Policy document should not specify a principal.")
        return None
    if len(present) != 1 or (use is Use.TRUST and "NotPrincipal" in present):
        raise MalformedPolicyDocument("Policy statement must contain exactly one Principal.")
    name = present.pop()
    return PrincipalElement(principals(written[name]), negated=name == "NotPrincipal")
