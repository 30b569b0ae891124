"""Policies and tags of users and of roles: the same operations under two names.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
"""

from __future__ import annotations

from redshare.app.caller import Caller
from redshare.app.iam.holdings import Holdings
from redshare.endpoints.iam.views import Params, document, page, shown_tags, tags


class HoldingOperations:
    """`PutUserPolicy` and its like, or `PutRolePolicy` and its like."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        kind = self._kind = str(holdings.kind)
        self._name = f"{kind}Name"
        self.operations = {
            f"Put{kind}Policy": self.put_policy,
            f"Get{kind}Policy": self.get_policy,
            f"List{kind}Policies": self.list_policies,
            f"Delete{kind}Policy": self.delete_policy,
            f"Attach{kind}Policy": self.attach_policy,
            f"Detach{kind}Policy": self.detach_policy,
            f"ListAttached{kind}Policies": self.list_attached_policies,
            f"Put{kind}PermissionsBoundary": self.put_permissions_boundary,
            f"Delete{kind}PermissionsBoundary": self.delete_permissions_boundary,
            f"Tag{kind}": self.tag,
            f"Untag{kind}": self.untag,
            f"List{kind}Tags": self.list_tags,
        }

    def put_policy(self, caller: Caller, params: Params) -> Params:
        """An inline policy, new or another text."""
        self._holdings.put_inline(
            caller, params[self._name], params["PolicyName"], params["PolicyDocument"]
        )
        return {}

    def get_policy(self, caller: Caller, params: Params) -> Params:
        """The text of an inline policy."""
        text = self._holdings.inline(caller, params[self._name], params["PolicyName"])
        holder = self._holdings.find(caller, params[self._name])
        return {
            self._name: holder.name,
            "PolicyName": params["PolicyName"],
            "PolicyDocument": document(text),
        }

    def list_policies(self, caller: Caller, params: Params) -> Params:
        """The names of inline policies."""
        inline = self._holdings.find(caller, params[self._name]).held.inline
        names = [name for name, _ in inline]
        operation = f"List{self._kind}Policies"
        return page(caller, params, operation, "PolicyNames", names, str, str)

    def delete_policy(self, caller: Caller, params: Params) -> Params:
        """An inline policy taken away."""
        self._holdings.delete_inline(caller, params[self._name], params["PolicyName"])
        return {}

    def attach_policy(self, caller: Caller, params: Params) -> Params:
        """A managed policy."""
        self._holdings.attach(caller, params[self._name], params["PolicyArn"])
        return {}

    def detach_policy(self, caller: Caller, params: Params) -> Params:
        """A managed policy taken away."""
        self._holdings.detach(caller, params[self._name], params["PolicyArn"])
        return {}

    def list_attached_policies(self, caller: Caller, params: Params) -> Params:
        """A page of managed policies."""
        found = self._holdings.attached(caller, params[self._name])
        operation = f"ListAttached{self._kind}Policies"
        return page(
            caller,
            params,
            operation,
            "AttachedPolicies",
            found,
            lambda p: p.arn,
            lambda p: {"PolicyName": p.name, "PolicyArn": p.arn},
        )

    def put_permissions_boundary(self, caller: Caller, params: Params) -> Params:
        """What the holder can do at most."""
        self._holdings.put_boundary(caller, params[self._name], params["PermissionsBoundary"])
        return {}

    def delete_permissions_boundary(self, caller: Caller, params: Params) -> Params:
        """No such limit any more."""
        self._holdings.delete_boundary(caller, params[self._name])
        return {}

    def tag(self, caller: Caller, params: Params) -> Params:
        """More tags, or other values."""
        self._holdings.tag(caller, params[self._name], tags(params))
        return {}

    def untag(self, caller: Caller, params: Params) -> Params:
        """Tags taken away."""
        self._holdings.untag(caller, params[self._name], tuple(params["TagKeys"]))
        return {}

    def list_tags(self, caller: Caller, params: Params) -> Params:
        """A page of tags."""
        found = self._holdings.find(caller, params[self._name]).tags
        operation = f"List{self._kind}Tags"
        return page(
            caller, params, operation, "Tags", shown_tags(found), lambda t: str(t["Key"]), dict
        )
