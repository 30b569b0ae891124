"""Namespaces and workgroups of the redshift-serverless service.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.tags import check_tags
from redshare.app.warehouses.provision import NewNamespace
from redshare.app.warehouses.warehouses import NewWarehouse, Warehouses
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.ids import NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.resource_arn import resource_arn
from redshare.core.user import User
from redshare.core.warehouse import DEFAULT_BASE_CAPACITY, Warehouse, WarehouseKind

Params = Mapping[str, Any]

#: What is only kept and read back, with the answer's default.
_KEPT: dict[str, Any] = {
    "enhancedVpcRouting": False,
    "configParameters": [],
    "securityGroupIds": [],
    "subnetIds": [],
    "maxCapacity": None,
    "trackName": "current",
    "ipAddressType": "ipv4",
}


class ServerlessOperations:
    """Serverless namespaces and workgroups."""

    def __init__(self, warehouses: Warehouses, address: str) -> None:
        self._warehouses = warehouses
        self._address = address
        self.operations = {
            "CreateNamespace": self.create_namespace,
            "GetNamespace": self.get_namespace,
            "ListNamespaces": self.list_namespaces,
            "UpdateNamespace": self.update_namespace,
            "CreateWorkgroup": self.create_workgroup,
            "GetWorkgroup": self.get_workgroup,
            "ListWorkgroups": self.list_workgroups,
            "UpdateWorkgroup": self.update_workgroup,
            "DeleteWorkgroup": self.delete_workgroup,
        }

    # --- namespaces -----------------------------------------------------------------------

    def create_namespace(self, caller: Caller, params: Params) -> Params:
        """A namespace with its administrator and first database."""
        if params.get("manageAdminPassword"):
            raise InvalidParameterValue("manageAdminPassword is not supported.")
        if not params.get("adminUsername") or not params.get("adminUserPassword"):
            raise InvalidParameterValue("adminUsername and adminUserPassword are required.")
        new = NewNamespace(
            account=caller.account,
            region=caller.region,
            kind=NamespaceKind.SERVERLESS,
            name=params["namespaceName"],
            admin_username=params["adminUsername"],
            admin_password=params["adminUserPassword"],
            database=params.get("dbName") or "dev",
            kms_key_id=params.get("kmsKeyId", ""),
            iam_roles=tuple(params.get("iamRoles", ())),
            default_iam_role_arn=params.get("defaultIamRoleArn", ""),
            log_exports=tuple(params.get("logExports", ())),
            tags=_tags(params),
        )
        return {"namespace": namespace_document(self._warehouses.create_namespace(new))}

    def get_namespace(self, caller: Caller, params: Params) -> Params:
        """One namespace."""
        return {"namespace": namespace_document(self._find_namespace(caller, params))}

    def list_namespaces(self, caller: Caller, params: Params) -> Params:
        """A page of namespaces."""
        found = self._warehouses.serverless_namespaces(caller.account, caller.region)
        page = _request("ListNamespaces", caller, params).of(found, lambda n: [n.name])
        return {"namespaces": [namespace_document(n) for n in page.items], "nextToken": page.marker}

    def update_namespace(self, caller: Caller, params: Params) -> Params:
        """Administrator's password, roles, log exports, default role."""
        namespace = self._find_namespace(caller, params)
        name = params.get("adminUsername")
        if name is not None and name != namespace.admin_username:
            raise InvalidParameterValue("adminUsername cannot be changed.")
        password = params.get("adminUserPassword")
        saved: list[Namespace | User] = []
        if password:
            saved.append(self._warehouses.administrator(namespace, password))
        changed = replace(
            namespace,
            iam_roles=tuple(params.get("iamRoles", namespace.iam_roles)),
            log_exports=tuple(params.get("logExports", namespace.log_exports)),
            kms_key_id=params.get("kmsKeyId", namespace.kms_key_id),
            default_iam_role_arn=params.get("defaultIamRoleArn", namespace.default_iam_role_arn),
        )
        if changed != namespace:
            saved.append(changed)
        if saved:
            self._warehouses.save(*saved)
        return {"namespace": namespace_document(self._find_namespace(caller, params))}

    def _find_namespace(self, caller: Caller, params: Params) -> Namespace:
        name = params["namespaceName"]
        return self._warehouses.namespace(caller.account, caller.region, name)

    # --- workgroups -----------------------------------------------------------------------

    def create_workgroup(self, caller: Caller, params: Params) -> Params:
        """A workgroup on a namespace; it answers CREATING, and is available at once."""
        new = NewWarehouse(
            kind=WarehouseKind.WORKGROUP,
            identifier=params["workgroupName"],
            account=caller.account,
            region=caller.region,
            port=params.get("port"),
            base_capacity=params.get("baseCapacity", DEFAULT_BASE_CAPACITY),
            publicly_accessible=params.get("publiclyAccessible", False),
            attributes=_kept(params, {}),
            tags=_tags(params),
        )
        made, _ = self._warehouses.create_workgroup(new, params["namespaceName"])
        return {"workgroup": {**self._workgroup(made), "status": "CREATING"}}

    def get_workgroup(self, caller: Caller, params: Params) -> Params:
        """One workgroup."""
        return {"workgroup": self._workgroup(self._find(caller, params))}

    def list_workgroups(self, caller: Caller, params: Params) -> Params:
        """A page of workgroups."""
        found = self._warehouses.all(WarehouseKind.WORKGROUP, caller.account, caller.region)
        page = _request("ListWorkgroups", caller, params).of(found, lambda w: [w.identifier])
        return {"workgroups": [self._workgroup(w) for w in page.items], "nextToken": page.marker}

    def update_workgroup(self, caller: Caller, params: Params) -> Params:
        """Capacity, accessibility, and what is only kept."""
        old = self._find(caller, params)
        changed = replace(
            old,
            base_capacity=params.get("baseCapacity", old.base_capacity),
            publicly_accessible=params.get("publiclyAccessible", old.publicly_accessible),
            attributes=_kept(params, dict(old.attributes)),
        )
        if changed != old:
            self._warehouses.save(changed)
        return {"workgroup": self._workgroup(self._find(caller, params))}

    def delete_workgroup(self, caller: Caller, params: Params) -> Params:
        """A workgroup; its namespace stays."""
        found = self._find(caller, params)
        answer = {"workgroup": {**self._workgroup(found), "status": "DELETING"}}
        self._warehouses.delete_warehouse(found)
        return answer

    def _find(self, caller: Caller, params: Params) -> Warehouse:
        name = params["workgroupName"]
        return self._warehouses.warehouse(
            WarehouseKind.WORKGROUP, caller.account, caller.region, name
        )

    def _workgroup(self, workgroup: Warehouse) -> Params:
        kept = {**_KEPT, **{k: json.loads(v) for k, v in workgroup.attributes}}
        domain = workgroup.custom_domain
        return {
            **kept,
            "workgroupName": workgroup.identifier,
            "workgroupId": workgroup.warehouse_id,
            "workgroupArn": resource_arn(workgroup),
            "namespaceName": self._warehouses.namespace_of(workgroup).name,
            "status": workgroup.status.value.upper(),
            "baseCapacity": workgroup.base_capacity,
            "publiclyAccessible": workgroup.publicly_accessible,
            "creationDate": workgroup.created,
            "port": workgroup.port,
            "endpoint": {"address": self._address, "port": workgroup.port, "vpcEndpoints": []},
            "customDomainName": None if domain is None else domain.name,
            "customDomainCertificateArn": None if domain is None else domain.certificate,
        }


def namespace_document(namespace: Namespace) -> Params:
    """A namespace as the API shows it."""
    return {
        "namespaceName": namespace.name,
        "namespaceId": namespace.namespace_id,
        "namespaceArn": str(namespace.arn),
        "adminUsername": namespace.admin_username,
        "dbName": namespace.default_database,
        "kmsKeyId": namespace.kms_key_id or "AWS_OWNED_KMS_KEY",
        "iamRoles": list(namespace.iam_roles),
        "defaultIamRoleArn": namespace.default_iam_role_arn or None,
        "logExports": list(namespace.log_exports),
        "status": "AVAILABLE",
        "creationDate": namespace.created,
    }


def _request(operation: str, caller: Caller, params: Params) -> PageRequest:
    return PageRequest(
        (operation, caller.account, caller.region),
        params.get("maxResults"),
        params.get("nextToken"),
        name="maxResults",
    )


def _kept(params: Params, old: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    kept = dict(old)
    kept.update({name: json.dumps(params[name]) for name in _KEPT if name in params})
    return tuple(sorted(kept.items()))


def _tags(params: Params) -> tuple[tuple[str, str], ...]:
    return check_tags((tag["key"], tag["value"]) for tag in params.get("tags", ()))
