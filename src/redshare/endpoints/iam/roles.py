"""Roles of the iam service. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html"""

from __future__ import annotations

from redshare.app.caller import Caller
from redshare.app.iam.roles import NewRole, Roles
from redshare.core.iam.identity import IamRole
from redshare.endpoints.iam.views import Params, page, role, tags


class RoleOperations:
    """Parameters in, roles out."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles
        self.operations = {
            "CreateRole": self.create_role,
            "GetRole": self.get_role,
            "ListRoles": self.list_roles,
            "UpdateRole": self.update_role,
            "UpdateAssumeRolePolicy": self.update_assume_role_policy,
            "DeleteRole": self.delete_role,
            "ListInstanceProfilesForRole": self.list_instance_profiles_for_role,
        }

    def create_role(self, caller: Caller, params: Params) -> Params:
        """A role that its trust policy lets be assumed."""
        new = NewRole(
            name=params["RoleName"],
            trust=params["AssumeRolePolicyDocument"],
            path=params.get("Path", "/"),
            description=params.get("Description", ""),
            max_session=params.get("MaxSessionDuration", 3600),
            boundary=params.get("PermissionsBoundary", ""),
            tags=tags(params),
        )
        return {"Role": self._shown(self._roles.create(caller, new))}

    def get_role(self, caller: Caller, params: Params) -> Params:
        """One role, and when it was last used."""
        found = self._roles.get(caller, params["RoleName"])
        use = self._roles.last_used(found)
        used = {} if use is None else {"LastUsedDate": use.at, "Region": use.region}
        return {"Role": {**self._shown(found), "RoleLastUsed": used}}

    def list_roles(self, caller: Caller, params: Params) -> Params:
        """A page of roles."""
        found = self._roles.list(caller, params.get("PathPrefix", "/"))
        return page(
            caller,
            params,
            "ListRoles",
            "Roles",
            found,
            lambda r: r.name,
            lambda r: role(r, self._roles.trust(r), listed=True),
        )

    def update_role(self, caller: Caller, params: Params) -> Params:
        """Description and longest session."""
        self._roles.update(
            caller, params["RoleName"], params.get("Description"), params.get("MaxSessionDuration")
        )
        return {}

    def update_assume_role_policy(self, caller: Caller, params: Params) -> Params:
        """Another trust policy."""
        self._roles.update_trust(caller, params["RoleName"], params["PolicyDocument"])
        return {}

    def delete_role(self, caller: Caller, params: Params) -> Params:
        """A role without policies; its sessions end."""
        self._roles.delete(caller, params["RoleName"])
        return {}

    def list_instance_profiles_for_role(self, caller: Caller, params: Params) -> Params:
        """There are none; Terraform asks before it deletes a role."""
        self._roles.get(caller, params["RoleName"])
        return {"InstanceProfiles": [], "IsTruncated": False}

    def _shown(self, found: IamRole) -> Params:
        return role(found, self._roles.trust(found))
