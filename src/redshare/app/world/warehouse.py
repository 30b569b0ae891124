"""What a world file says of a cluster or a workgroup beyond that it is there, and of the groups
that clusters are in. Keys are the API's names; what is None was not said.
"""

from __future__ import annotations

from collections.abc import Mapping

from redshare.app.world.part import Part

Tags = Mapping[str, str]


class WorldCluster(Part, frozen=True):
    """Attributes of a cluster; retention periods are in days."""

    node_type: str | None = None
    number_of_nodes: int | None = None
    #: Given to a cluster when it is made.
    subnet_group: str | None = None
    parameter_group: str | None = None
    availability_zone: str | None = None
    preferred_maintenance_window: str | None = None
    automated_snapshot_retention_period: int | None = None
    manual_snapshot_retention_period: int | None = None
    cluster_version: str | None = None
    allow_version_upgrade: bool | None = None
    enhanced_vpc_routing: bool | None = None
    maintenance_track_name: str | None = None
    cluster_security_groups: tuple[str, ...] | None = None
    vpc_security_group_ids: tuple[str, ...] | None = None
    elastic_ip: str | None = None
    ip_address_type: str | None = None
    multi_az: bool | None = None
    availability_zone_relocation: bool | None = None
    kms_key_id: str | None = None
    iam_roles: tuple[str, ...] | None = None
    default_iam_role_arn: str | None = None


class WorldServerless(Part, frozen=True):
    """Attributes of a serverless namespace and of its workgroup; capacities are in RPUs."""

    kms_key_id: str | None = None
    iam_roles: tuple[str, ...] | None = None
    default_iam_role_arn: str | None = None
    log_exports: tuple[str, ...] | None = None
    base_capacity: int | None = None
    max_capacity: int | None = None
    enhanced_vpc_routing: bool | None = None
    config_parameters: Mapping[str, str] | None = None
    security_group_ids: tuple[str, ...] | None = None
    subnet_ids: tuple[str, ...] | None = None
    track_name: str | None = None
    ip_address_type: str | None = None
    workgroup_tags: Tags | None = None


class WorldUsageLimit(Part, frozen=True):
    """A usage limit; of a cluster it has a `limit_type`, which says what `amount` counts."""

    feature: str
    amount: int
    limit_type: str | None = None
    period: str = "monthly"
    breach_action: str = "log"
    tags: Tags | None = None


class WorldParameterGroup(Part, frozen=True):
    """A cluster parameter group with the parameters that are not their family's defaults."""

    family: str
    description: str
    parameters: Mapping[str, str] | None = None
    tags: Tags | None = None


class WorldSubnetGroup(Part, frozen=True):
    """A cluster subnet group."""

    description: str
    subnet_ids: tuple[str, ...]
    tags: Tags | None = None
