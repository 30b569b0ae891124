"""Clients of one AWS account in one Region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from redshare.app.world import World, WorldError

_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, max_pool_connections=4)


@dataclass(frozen=True, slots=True)
class AwsAccount:
    """An account with clients of its services; `key` is the id of the key they sign with."""

    number: str
    key: str
    redshift: Any
    serverless: Any
    data: Any
    iam: Any


def file_accounts(world: World, endpoint: str | None) -> list[AwsAccount]:
    """The accounts that the file has a key of.

    Raises WorldError where it has none, or none of an account of which it says more.
    """
    accounts = []
    for number, account in world.accounts.items():
        if account.access_keys:
            key = account.access_keys[0]
            session = boto3.Session(key.id, key.secret, region_name=world.region)
            accounts.append(_account(session, number, endpoint))
        elif not account.is_empty:
            raise WorldError(f"the file has no access key of the account {number}")
    if not accounts:
        raise WorldError("the file has no access key")
    return accounts


def profile_account(
    profile: str | None, region: str | None, endpoint: str | None
) -> tuple[AwsAccount, str]:
    """The account of a profile, and the Region. Raises WorldError."""
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        if session.region_name is None:
            raise WorldError("no Region: give --region, or the profile one")
        sts = session.client("sts", endpoint_url=endpoint, config=_CONFIG)
        number = sts.get_caller_identity()["Account"]
        return _account(session, number, endpoint), str(session.region_name)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise WorldError(str(error)) from error


def _account(session: Any, number: str, endpoint: str | None) -> AwsAccount:  # noqa: ANN401 - a boto3.Session
    try:
        redshift, serverless, data, iam = (
            session.client(service, endpoint_url=endpoint, config=_CONFIG)
            for service in ("redshift", "redshift-serverless", "redshift-data", "iam")
        )
    except ValueError as error:
        raise WorldError(str(error)) from error
    key = session.get_credentials().access_key
    return AwsAccount(number, key, redshift, serverless, data, iam)
