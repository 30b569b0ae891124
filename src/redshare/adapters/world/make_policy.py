"""A managed policy with its versions under their numbers, which the service counts: a number that
the file does not have is made and deleted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
"""

from __future__ import annotations

from typing import Any

from redshare.adapters.world.tags import tag_list
from redshare.app.world.iam import WorldPolicy


def make_policy(iam: Any, name: str, policy: WorldPolicy) -> None:  # noqa: ANN401 - a boto3 client
    """CreatePolicy, CreatePolicyVersion, SetDefaultPolicyVersion. Raises ClientError."""
    texts = {int(version[1:]): document.text for version, document in policy.versions.items()}
    first, last, wanted = min(texts), max(texts), int(policy.default[1:])
    arn = iam.create_policy(
        PolicyName=name,
        Path=policy.path,
        PolicyDocument=texts[first],
        Description=policy.description,
        Tags=tag_list(policy.tags),
    )["Policy"]["Arn"]
    for number in range(2, last + 1):
        # What is in force cannot be deleted, so the numbers before the first hand it on.
        leading = number <= first
        iam.create_policy_version(
            PolicyArn=arn, PolicyDocument=texts.get(number, texts[first]), SetAsDefault=leading
        )
        if leading:
            iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{number - 1}")
        elif number not in texts:
            iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{number}")
    if wanted != first:
        iam.set_default_policy_version(PolicyArn=arn, VersionId=policy.default)
