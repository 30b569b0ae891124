"""Cluster parameter groups: configuration that clusters share, in force from their next reboot.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-parameter-groups.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redshare.core.ids import AccountId, Region

FAMILIES: Final = ("redshift-1.0", "redshift-2.0")
DEFAULT_GROUP: Final = "default.redshift-1.0"
#: How the names of the groups that are always there begin; nobody else's may.
DEFAULT_PREFIX: Final = "default."


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of every group; `values` is AllowedValues in the API's form."""

    name: str
    default: str
    type: str
    values: str
    description: str
    dynamic: bool = False


_BOOLEAN: Final = "true,false"


PARAMETERS: Final = {
    parameter.name: parameter
    for parameter in (
        Parameter("auto_analyze", "true", "boolean", _BOOLEAN, "Use auto analyze"),
        Parameter("auto_mv", "true", "boolean", _BOOLEAN, "Use automated materialized views"),
        Parameter(
            "datestyle", "ISO, MDY", "string", "", "Sets the display format for date and time"
        ),
        Parameter(
            "enable_case_sensitive_identifier",
            "false",
            "boolean",
            _BOOLEAN,
            "Preserve the case of quoted database identifiers",
        ),
        Parameter(
            "enable_user_activity_logging",
            "false",
            "boolean",
            _BOOLEAN,
            "Log each query before it is run",
        ),
        Parameter(
            "extra_float_digits",
            "0",
            "integer",
            "-15-2",
            "Sets the number of digits displayed for floating-point values",
        ),
        Parameter(
            "max_concurrency_scaling_clusters",
            "1",
            "integer",
            "0-10",
            "The maximum concurrency scaling clusters that can be used",
        ),
        Parameter("query_group", "default", "string", "", "A label for queries of one session"),
        Parameter("require_ssl", "false", "boolean", _BOOLEAN, "Require SSL for all connections"),
        Parameter("search_path", "$user, public", "string", "", "Sets the schema search order"),
        Parameter(
            "statement_timeout",
            "0",
            "integer",
            "0,100-2147483647",
            "Aborts any statement that takes over the specified number of milliseconds",
        ),
        Parameter("use_fips_ssl", "false", "boolean", _BOOLEAN, "Use FIPS-compliant SSL"),
        Parameter(
            "wlm_json_configuration",
            '[{"auto_wlm":true}]',
            "string",
            "",
            "Workload management configuration",
            dynamic=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """`parameters` are those set; the others have their family's defaults."""

    account: AccountId
    region: Region
    name: str
    family: str
    description: str
    parameters: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    version: int = 0


def default_of(family: str, name: str) -> str:
    """What a parameter is where a group does not set it; the second family requires SSL."""
    if (family, name) == ("redshift-2.0", "require_ssl"):
        return "true"
    return PARAMETERS[name].default


def default_groups(account: AccountId, region: Region) -> Iterator[ParameterGroup]:
    """The groups that every account has."""
    for family in FAMILIES:
        name = DEFAULT_PREFIX + family
        yield ParameterGroup(account, region, name, family, f"Default parameter group for {family}")


def in_force(group: ParameterGroup) -> tuple[tuple[str, str], ...]:
    """What differs from a node's own defaults once a cluster runs with the group."""
    values = {name: default_of(group.family, name) for name in PARAMETERS}
    values.update(group.parameters)
    return tuple((name, v) for name, v in values.items() if v != PARAMETERS[name].default)
