"""Policies of users and roles: inline, attached, the boundary; and their tags.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.iam.changes import Made, change
from redshare.app.iam.directory import Holder, attachable, guards, role_named, user_named
from redshare.app.iam.policy_sizes import check_size
from redshare.app.iam.tagging import tagged, untagged
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Put
from redshare.core.iam.errors import NoSuchEntity, QuotaExceeded
from redshare.core.iam.identity import ManagedPolicy, Tags
from redshare.core.iam.parse import parse


class HolderKind(StrEnum):
    """Whose policies an operation is about; the word is in the operation's name."""

    USER = "User"
    ROLE = "Role"

    @property
    def word(self) -> str:
        """As messages have it."""
        return self.value.lower()


#: Characters of all inline policies of one.
MOST_INLINE: Final = {HolderKind.USER: 2048, HolderKind.ROLE: 10_240}
MOST_ATTACHED: Final = 10


class Holdings:
    """The policies and tags of users, or those of roles."""

    def __init__(self, work: Work, kind: HolderKind) -> None:
        self._work = work
        self.kind = kind

    def put_inline(self, caller: Caller, name: str, policy: str, text: str) -> None:
        """Put…Policy. Raises NoSuchEntity, MalformedPolicyDocument, QuotaExceeded."""
        parse(text)
        most = MOST_INLINE[self.kind]
        message = f"Maximum policy size of {most} bytes exceeded for {self.kind.word} {name}"

        def changed(holder: Holder) -> Holder:
            inline = tuple((n, text if n == policy else t) for n, t in holder.held.inline)
            if all(n != policy for n, _ in inline):
                inline = (*inline, (policy, text))
            check_size("".join(t for _, t in inline), most, message)
            return replace(holder, held=replace(holder.held, inline=inline))

        said = {"policyName": policy, "policyDocument": text}
        self._change(caller, f"Put{self.kind}Policy", name, said, changed)

    def inline(self, caller: Caller, name: str, policy: str) -> str:
        """The text of an inline policy. Raises NoSuchEntity."""
        for known, text in self.find(caller, name).held.inline:
            if known == policy:
                return text
        raise self._no_inline(policy)

    def delete_inline(self, caller: Caller, name: str, policy: str) -> None:
        """Delete…Policy. Raises NoSuchEntity."""

        def changed(holder: Holder) -> Holder:
            inline = tuple(one for one in holder.held.inline if one[0] != policy)
            if inline == holder.held.inline:
                raise self._no_inline(policy)
            return replace(holder, held=replace(holder.held, inline=inline))

        said = {"policyName": policy}
        self._change(caller, f"Delete{self.kind}Policy", name, said, changed)

    def attach(self, caller: Caller, name: str, arn: str) -> None:
        """Attach…Policy; again changes nothing. Raises NoSuchEntity, QuotaExceeded."""

        def changed(holder: Holder) -> Holder:
            if arn in holder.held.attached:
                return holder
            if len(holder.held.attached) >= MOST_ATTACHED:
                raise QuotaExceeded(
                    f"Cannot exceed quota for PoliciesPer{self.kind}: {MOST_ATTACHED}"
                )
            attached = (*holder.held.attached, arn)
            return replace(holder, held=replace(holder.held, attached=attached))

        said = {"policyArn": arn}
        self._change(caller, f"Attach{self.kind}Policy", name, said, changed, policy=arn)

    def detach(self, caller: Caller, name: str, arn: str) -> None:
        """Detach…Policy. Raises NoSuchEntity."""

        def changed(holder: Holder) -> Holder:
            attached = tuple(one for one in holder.held.attached if one != arn)
            if attached == holder.held.attached:
                raise NoSuchEntity(f"Policy {arn} was not found.")
            return replace(holder, held=replace(holder.held, attached=attached))

        said = {"policyArn": arn}
        self._change(caller, f"Detach{self.kind}Policy", name, said, changed)

    def attached(self, caller: Caller, name: str) -> list[ManagedPolicy]:
        """What is attached. Raises NoSuchEntity."""
        holder = self.find(caller, name)
        catalog = self._work.catalog()
        return [attachable(catalog, caller.account, arn) for arn in holder.held.attached]

    def put_boundary(self, caller: Caller, name: str, arn: str) -> None:
        """Put…PermissionsBoundary. Raises NoSuchEntity, InvalidInput."""

        def changed(holder: Holder) -> Holder:
            return replace(holder, held=replace(holder.held, boundary=arn))

        operation = f"Put{self.kind}PermissionsBoundary"
        said = {"permissionsBoundary": arn}
        self._change(caller, operation, name, said, changed, policy=arn)

    def delete_boundary(self, caller: Caller, name: str) -> None:
        """Delete…PermissionsBoundary. Raises NoSuchEntity."""

        def changed(holder: Holder) -> Holder:
            if not holder.held.boundary:
                raise NoSuchEntity(f"{self.kind} {name} does not have a permission boundary.")
            return replace(holder, held=replace(holder.held, boundary=""))

        self._change(caller, f"Delete{self.kind}PermissionsBoundary", name, {}, changed)

    def tag(self, caller: Caller, name: str, tags: Tags) -> None:
        """Tag…. Raises NoSuchEntity, InvalidInput, QuotaExceeded."""

        def changed(holder: Holder) -> Holder:
            return replace(holder, tags=tagged(holder.tags, tags))

        self._change(caller, f"Tag{self.kind}", name, {"tags": dict(tags)}, changed)

    def untag(self, caller: Caller, name: str, keys: tuple[str, ...]) -> None:
        """Untag…. Raises NoSuchEntity."""

        def changed(holder: Holder) -> Holder:
            return replace(holder, tags=untagged(holder.tags, keys))

        self._change(caller, f"Untag{self.kind}", name, {"tagKeys": list(keys)}, changed)

    def find(self, caller: Caller, name: str) -> Holder:
        """Raises NoSuchEntity."""
        return self._find(self._work.catalog(), caller, name)

    # --- how ------------------------------------------------------------------------------

    def _find(self, catalog: Catalog, caller: Caller, name: str) -> Holder:
        find = user_named if self.kind is HolderKind.USER else role_named
        return find(catalog, caller.account, name)

    def _change(
        self,
        caller: Caller,
        operation: str,
        name: str,
        said: dict[str, Any],
        changed: Callable[[Holder], Holder],
        policy: str | None = None,
    ) -> None:
        """`policy` must be there, and still be when this is committed."""

        def decision(catalog: Catalog) -> Made[None]:
            holder = self._find(catalog, caller, name)
            used = attachable(catalog, caller.account, policy) if policy else None
            new = changed(holder)
            changes = (Put(new),) if new != holder else ()
            return Made(None, holder.arn, changes, guards(used))

        said = {f"{self.kind.word}Name": name, **said}
        change(self._work, caller, operation, said, decision)

    def _no_inline(self, policy: str) -> NoSuchEntity:
        return NoSuchEntity(f"The {self.kind.word} policy with name {policy} cannot be found.")
