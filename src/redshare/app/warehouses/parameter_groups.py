"""Cluster parameter groups: made, changed, ended, and what a cluster runs with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from redshare.app.work import Work
from redshare.core.aws_errors import (
    AlreadyExists,
    InvalidParameterValue,
    InvalidState,
    ResourceNotFound,
)
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.ids import AccountId, Region
from redshare.core.parameter_group import (
    DEFAULT_PREFIX,
    FAMILIES,
    PARAMETERS,
    Parameter,
    ParameterGroup,
    default_groups,
)
from redshare.core.sql_errors import SqlError
from redshare.ports import Commit
from redshare.sql.settings import SETTINGS

#: How an error names one; the endpoint's table has its faults.
PARAMETER_GROUP: Final = "ClusterParameterGroup"
_NAME: Final = re.compile(r"[a-z](-?[a-z0-9]){0,254}")


class ParameterGroups:
    """The groups of an account in a Region, and the default ones."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def create(self, group: ParameterGroup) -> ParameterGroup:
        """Raises AlreadyExists, InvalidParameterValue."""
        if not _NAME.fullmatch(group.name):
            raise InvalidParameterValue(f"Invalid parameter group name: {group.name!r}.")
        if group.family not in FAMILIES:
            raise InvalidParameterValue(f"Invalid parameter group family: {group.family!r}.")

        def decision(catalog: Catalog) -> tuple[Commit, ParameterGroup]:
            if find_group(catalog, group.account, group.region, group.name) is not None:
                raise AlreadyExists(PARAMETER_GROUP, group.name)
            return Commit((Put(group),)), group

        return self._work.decide(decision)

    def group(self, account: AccountId, region: Region, name: str) -> ParameterGroup:
        """Raises ResourceNotFound."""
        return required_group(self._work.catalog(), account, region, name)

    def all(self, account: AccountId, region: Region) -> list[ParameterGroup]:
        """Those made and those that are always there."""
        made = self._work.catalog().children(ParameterGroup, account)
        return [*default_groups(account, region), *(g for g in made if g.region == region)]

    def set(
        self, account: AccountId, region: Region, name: str, values: Mapping[str, str]
    ) -> ParameterGroup:
        """Set parameters; clusters have them after their next reboot.

        Raises ResourceNotFound, InvalidParameterValue, InvalidState.
        """
        checked = {p: _checked(p, value) for p, value in values.items()}
        return self._changed(
            account,
            region,
            name,
            lambda g: tuple(sorted({**dict(g.parameters), **checked}.items())),
        )

    def reset(
        self, account: AccountId, region: Region, name: str, names: frozenset[str] | None
    ) -> ParameterGroup:
        """Give parameters their defaults again; None is all of them. Raises as set."""
        for parameter in names or ():
            _parameter(parameter)
        return self._changed(
            account,
            region,
            name,
            lambda g: tuple(p for p in g.parameters if names is not None and p[0] not in names),
        )

    def delete(self, account: AccountId, region: Region, name: str) -> None:
        """Raises ResourceNotFound; InvalidState for a default group, or while a cluster has it."""

        def decision(catalog: Catalog) -> tuple[Commit, None]:
            group = required_group(catalog, account, region, name)
            _require_own(group)
            for cluster in catalog.warehouses(account):
                if (cluster.region, cluster.parameter_group) == (region, group.name):
                    raise InvalidState(
                        PARAMETER_GROUP,
                        f"The parameter group {group.name} is used by {cluster.identifier}.",
                    )
            return Commit((Drop(group),)), None

        self._work.decide(decision)

    def _changed(
        self,
        account: AccountId,
        region: Region,
        name: str,
        parameters: Callable[[ParameterGroup], tuple[tuple[str, str], ...]],
    ) -> ParameterGroup:
        def decision(catalog: Catalog) -> tuple[Commit, ParameterGroup]:
            old = required_group(catalog, account, region, name)
            _require_own(old)
            new = replace(old, parameters=parameters(old))
            return Commit(() if new == old else (Put(new),)), new

        return self._work.decide(decision)


def find_group(
    catalog: Catalog, account: AccountId, region: Region, name: str
) -> ParameterGroup | None:
    """A group by name, the default ones too."""
    for default in default_groups(account, region):
        if default.name == name:
            return default
    found: ParameterGroup | None = catalog.named(ParameterGroup, account, region, name)
    return found


def required_group(
    catalog: Catalog, account: AccountId, region: Region, name: str
) -> ParameterGroup:
    """A group by name. Raises ResourceNotFound."""
    found = find_group(catalog, account, region, name)
    if found is None:
        raise ResourceNotFound(PARAMETER_GROUP, name)
    return found


def session_settings(parameters: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """What sessions of a cluster begin with, before their user's own settings."""
    return {
        name: check(name, value)
        for name, value in parameters
        if name in SETTINGS and (check := SETTINGS[name].check) is not None
    }


def _require_own(group: ParameterGroup) -> None:
    if group.name.startswith(DEFAULT_PREFIX):
        raise InvalidState(
            PARAMETER_GROUP, f"The default parameter group {group.name} cannot be changed."
        )


def _parameter(name: str) -> Parameter:
    found = PARAMETERS.get(name)
    if found is None:
        raise InvalidParameterValue(f"Could not find parameter with name: {name}.")
    return found


def _checked(name: str, value: str) -> str:
    parameter = _parameter(name)
    refused = InvalidParameterValue(
        f"Invalid value {value!r} for parameter {name}. Allowed: {parameter.values or 'a string'}."
    )
    if parameter.type == "boolean":
        value = value.lower()
        if value not in {"true", "false"}:
            raise refused
    if parameter.type == "integer" and not _within(parameter.values, value):
        raise refused
    setting = SETTINGS.get(name)
    if setting is not None and setting.check is not None:
        try:
            setting.check(name, value)
        except SqlError as error:
            raise refused from error
    return value


def _within(values: str, value: str) -> bool:
    """Of AllowedValues: numbers and ranges, by commas."""
    if not re.fullmatch(r"-?[0-9]{1,10}", value):
        return False
    for part in values.split(","):
        match = re.fullmatch(r"(-?[0-9]+)(?:-([0-9]+))?", part)
        assert match is not None, "the table is well-formed"
        least, most = match.group(1), match.group(2) or match.group(1)
        if int(least) <= int(value) <= int(most):
            return True
    return False
