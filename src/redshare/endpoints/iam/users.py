"""Users and access keys of the iam service.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html
"""

from __future__ import annotations

from redshare.app.caller import Caller
from redshare.app.iam.access_keys import AccessKeys
from redshare.app.iam.users import Users
from redshare.core.account import AccessKey
from redshare.endpoints.iam.views import Params, page, tags, user


class UserOperations:
    """Parameters in, users and keys out."""

    def __init__(self, users: Users, keys: AccessKeys) -> None:
        self._users = users
        self._keys = keys
        self.operations = {
            "CreateUser": self.create_user,
            "GetUser": self.get_user,
            "ListUsers": self.list_users,
            "UpdateUser": self.update_user,
            "DeleteUser": self.delete_user,
            "ListGroupsForUser": self.list_groups_for_user,
            "CreateAccessKey": self.create_access_key,
            "GetAccessKeyLastUsed": self.get_access_key_last_used,
            "ListAccessKeys": self.list_access_keys,
            "UpdateAccessKey": self.update_access_key,
            "DeleteAccessKey": self.delete_access_key,
        }

    def create_user(self, caller: Caller, params: Params) -> Params:
        """A user without rights."""
        made = self._users.create(
            caller,
            params["UserName"],
            params.get("Path", "/"),
            params.get("PermissionsBoundary", ""),
            tags(params),
        )
        return {"User": user(made)}

    def get_user(self, caller: Caller, params: Params) -> Params:
        """A user, or the caller: the account's root shows itself too."""
        name = params.get("UserName")
        if name is None and caller.speaker.principal.is_root:
            return {
                "User": {
                    "Path": "/",
                    "UserName": "root",
                    "UserId": caller.account,
                    "Arn": caller.principal,
                    "CreateDate": self._users.account_created(caller),
                }
            }
        return {"User": user(self._users.get(caller, name))}

    def list_users(self, caller: Caller, params: Params) -> Params:
        """A page of users."""
        found = self._users.list(caller, params.get("PathPrefix", "/"))
        return page(
            caller,
            params,
            "ListUsers",
            "Users",
            found,
            lambda u: u.name,
            lambda u: user(u, listed=True),
        )

    def update_user(self, caller: Caller, params: Params) -> Params:
        """Another name or path."""
        self._users.update(
            caller, params["UserName"], params.get("NewUserName"), params.get("NewPath")
        )
        return {}

    def delete_user(self, caller: Caller, params: Params) -> Params:
        """A user without keys and policies."""
        self._users.delete(caller, params["UserName"])
        return {}

    def list_groups_for_user(self, caller: Caller, params: Params) -> Params:
        """There are none; Terraform asks before it deletes a user."""
        self._users.get(caller, params["UserName"])
        return {"Groups": [], "IsTruncated": False}

    def create_access_key(self, caller: Caller, params: Params) -> Params:
        """A key with its secret."""
        made = self._keys.create(caller, params.get("UserName"))
        return {
            "AccessKey": {**_key(made.key, made.user_name), "SecretAccessKey": made.secret},
        }

    def get_access_key_last_used(self, caller: Caller, params: Params) -> Params:
        """When, where and for what; `N/A` where it never was."""
        name, use = self._keys.last_used(caller, params["AccessKeyId"])
        used: Params = {"ServiceName": "N/A", "Region": "N/A"}
        if use is not None:
            used = {"LastUsedDate": use.at, "ServiceName": use.service, "Region": use.region}
        return {"UserName": name, "AccessKeyLastUsed": used}

    def list_access_keys(self, caller: Caller, params: Params) -> Params:
        """The keys of a user, without secrets."""
        name, found = self._keys.list(caller, params.get("UserName"))
        return page(
            caller,
            params,
            "ListAccessKeys",
            "AccessKeyMetadata",
            found,
            lambda k: k.access_key_id,
            lambda k: _key(k, name),
        )

    def update_access_key(self, caller: Caller, params: Params) -> Params:
        """Active or not."""
        active = params["Status"] == "Active"
        self._keys.update(caller, params.get("UserName"), params["AccessKeyId"], active=active)
        return {}

    def delete_access_key(self, caller: Caller, params: Params) -> Params:
        """A key that nobody uses any more."""
        self._keys.delete(caller, params.get("UserName"), params["AccessKeyId"])
        return {}


def _key(key: AccessKey, user_name: str) -> Params:
    return {
        "UserName": user_name,
        "AccessKeyId": key.access_key_id,
        "Status": "Active" if key.active else "Inactive",
        "CreateDate": key.created,
    }
