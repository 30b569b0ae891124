"""Managed policies of the iam service.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html
"""

from __future__ import annotations

from redshare.app.caller import Caller
from redshare.app.iam.managed_policies import ManagedPolicies, version
from redshare.core.iam.identity import IamUser, ManagedPolicy, PolicyVersion
from redshare.endpoints.iam.views import Params, document, page, shown_tags, tags


class PolicyOperations:
    """Parameters in, policies and their versions out."""

    def __init__(self, policies: ManagedPolicies) -> None:
        self._policies = policies
        self.operations = {
            "CreatePolicy": self.create_policy,
            "GetPolicy": self.get_policy,
            "ListPolicies": self.list_policies,
            "DeletePolicy": self.delete_policy,
            "CreatePolicyVersion": self.create_policy_version,
            "GetPolicyVersion": self.get_policy_version,
            "ListPolicyVersions": self.list_policy_versions,
            "SetDefaultPolicyVersion": self.set_default_policy_version,
            "DeletePolicyVersion": self.delete_policy_version,
            "ListEntitiesForPolicy": self.list_entities_for_policy,
            "TagPolicy": self.tag_policy,
            "UntagPolicy": self.untag_policy,
            "ListPolicyTags": self.list_policy_tags,
        }

    def create_policy(self, caller: Caller, params: Params) -> Params:
        """A policy with its first version."""
        made = self._policies.create(
            caller,
            params["PolicyName"],
            params.get("Path", "/"),
            params["PolicyDocument"],
            params.get("Description", ""),
            tags(params),
        )
        return {"Policy": self._policy(caller, made)}

    def get_policy(self, caller: Caller, params: Params) -> Params:
        """One policy."""
        return {"Policy": self._policy(caller, self._policies.get(caller, params["PolicyArn"]))}

    def list_policies(self, caller: Caller, params: Params) -> Params:
        """A page of policies, the account's and AWS's."""
        found = self._policies.list(
            caller, params.get("PathPrefix", "/"), params.get("Scope", "All")
        )
        if params.get("OnlyAttached"):
            found = [p for p in found if self._policies.uses(caller, p.arn).attached]
        return page(
            caller,
            params,
            "ListPolicies",
            "Policies",
            found,
            lambda p: p.name,
            lambda p: self._policy(caller, p, listed=True),
        )

    def delete_policy(self, caller: Caller, params: Params) -> Params:
        """A policy that nobody has."""
        self._policies.delete(caller, params["PolicyArn"])
        return {}

    def create_policy_version(self, caller: Caller, params: Params) -> Params:
        """Another text."""
        policy, made = self._policies.create_version(
            caller,
            params["PolicyArn"],
            params["PolicyDocument"],
            default=params.get("SetAsDefault", False),
        )
        return {"PolicyVersion": _version(policy, made)}

    def get_policy_version(self, caller: Caller, params: Params) -> Params:
        """A text."""
        policy = self._policies.get(caller, params["PolicyArn"])
        found = version(policy, params["VersionId"])
        return {"PolicyVersion": {**_version(policy, found), "Document": document(found.text)}}

    def list_policy_versions(self, caller: Caller, params: Params) -> Params:
        """A page of versions."""
        policy = self._policies.get(caller, params["PolicyArn"])
        return page(
            caller,
            params,
            "ListPolicyVersions",
            "Versions",
            policy.versions,
            lambda v: f"{v.number:010}",
            lambda v: _version(policy, v),
        )

    def set_default_policy_version(self, caller: Caller, params: Params) -> Params:
        """The text in force."""
        self._policies.set_default(caller, params["PolicyArn"], params["VersionId"])
        return {}

    def delete_policy_version(self, caller: Caller, params: Params) -> Params:
        """A text that is not in force."""
        self._policies.delete_version(caller, params["PolicyArn"], params["VersionId"])
        return {}

    def list_entities_for_policy(self, caller: Caller, params: Params) -> Params:
        """Who has it, or whose boundary it is."""
        used = self._policies.uses(caller, params["PolicyArn"])
        boundary = params.get("PolicyUsageFilter") == "PermissionsBoundary"
        found = used.boundaries if boundary else used.attached
        users = [h for h in found if isinstance(h, IamUser)]
        roles = [h for h in found if not isinstance(h, IamUser)]
        wanted = params.get("EntityFilter")
        return {
            "PolicyGroups": [],
            "PolicyUsers": [
                {"UserName": u.name, "UserId": u.user_id} for u in users if wanted in {None, "User"}
            ],
            "PolicyRoles": [
                {"RoleName": r.name, "RoleId": r.role_id} for r in roles if wanted in {None, "Role"}
            ],
            "IsTruncated": False,
        }

    def tag_policy(self, caller: Caller, params: Params) -> Params:
        """More tags, or other values."""
        self._policies.tag(caller, params["PolicyArn"], tags(params))
        return {}

    def untag_policy(self, caller: Caller, params: Params) -> Params:
        """Tags taken away."""
        self._policies.untag(caller, params["PolicyArn"], tuple(params["TagKeys"]))
        return {}

    def list_policy_tags(self, caller: Caller, params: Params) -> Params:
        """A page of tags."""
        found = self._policies.get(caller, params["PolicyArn"]).tags
        return page(
            caller,
            params,
            "ListPolicyTags",
            "Tags",
            shown_tags(found),
            lambda t: str(t["Key"]),
            dict,
        )

    def _policy(self, caller: Caller, policy: ManagedPolicy, *, listed: bool = False) -> Params:
        used = self._policies.uses(caller, policy.arn)
        answer = {
            "PolicyName": policy.name,
            "PolicyId": policy.policy_id,
            "Arn": policy.arn,
            "Path": policy.path,
            "DefaultVersionId": f"v{policy.default}",
            "AttachmentCount": len(used.attached),
            "PermissionsBoundaryUsageCount": len(used.boundaries),
            "IsAttachable": True,
            "CreateDate": policy.created,
            "UpdateDate": policy.updated,
        }
        if listed:
            return answer
        return {
            **answer,
            "Description": policy.description or None,
            "Tags": shown_tags(policy.tags),
        }


def _version(policy: ManagedPolicy, version: PolicyVersion) -> Params:
    return {
        "VersionId": f"v{version.number}",
        "IsDefaultVersion": version.number == policy.default,
        "CreateDate": version.created,
    }
