"""Domain errors as AWS clients see them: one table a service, to codes of its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from redshare.core import aws_errors, data_errors, errors, sql_errors
from redshare.core.iam import errors as iam_errors
from redshare.wire.aws.model import Service


@dataclass(frozen=True, slots=True)
class Fault:
    """A code with its HTTP status; of a modelled shape the model says both."""

    code: str
    status: int = 400


#: Where an error speaks of a resource of Redshift, its kind chooses the fault.
_BY_KIND: Final[dict[str, dict[type[errors.RedshareError], str]]] = {
    "BatchDelete": {aws_errors.LimitExceeded: "BatchDeleteRequestSizeExceededFault"},
    "BatchModify": {aws_errors.LimitExceeded: "BatchModifyClusterSnapshotsLimitExceededFault"},
    "Cluster": {
        aws_errors.ResourceNotFound: "ClusterNotFoundFault",
        aws_errors.AlreadyExists: "ClusterAlreadyExistsFault",
        aws_errors.InvalidState: "InvalidClusterStateFault",
    },
    "ClusterParameterGroup": {
        aws_errors.ResourceNotFound: "ClusterParameterGroupNotFoundFault",
        aws_errors.AlreadyExists: "ClusterParameterGroupAlreadyExistsFault",
        aws_errors.InvalidState: "InvalidClusterParameterGroupStateFault",
    },
    "ClusterSnapshot": {
        aws_errors.ResourceNotFound: "ClusterSnapshotNotFoundFault",
        aws_errors.AlreadyExists: "ClusterSnapshotAlreadyExistsFault",
        aws_errors.InvalidState: "InvalidClusterSnapshotStateFault",
    },
    "ClusterSubnetGroup": {
        aws_errors.ResourceNotFound: "ClusterSubnetGroupNotFoundFault",
        aws_errors.AlreadyExists: "ClusterSubnetGroupAlreadyExistsFault",
        aws_errors.InvalidState: "InvalidClusterSubnetGroupStateFault",
    },
    "ClusterSubnets": {aws_errors.LimitExceeded: "ClusterSubnetQuotaExceededFault"},
    "CustomDomainAssociation": {
        aws_errors.ResourceNotFound: "CustomDomainAssociationNotFoundFault",
        aws_errors.AlreadyExists: "CustomCnameAssociationFault",
    },
    "MaintenanceTrack": {aws_errors.ResourceNotFound: "InvalidClusterTrackFault"},
    "NumberOfNodesPerCluster": {
        aws_errors.LimitExceeded: "NumberOfNodesPerClusterLimitExceededFault"
    },
    "Resize": {aws_errors.ResourceNotFound: "ResizeNotFoundFault"},
    "Resource": {aws_errors.ResourceNotFound: "ResourceNotFoundFault"},
    "RetentionPeriod": {aws_errors.LimitExceeded: "InvalidRetentionPeriodFault"},
    "Subnet": {aws_errors.ResourceNotFound: "InvalidSubnet"},
    "Tags": {aws_errors.LimitExceeded: "TagLimitExceededFault"},
    "UsageLimit": {
        aws_errors.ResourceNotFound: "UsageLimitNotFoundFault",
        aws_errors.AlreadyExists: "UsageLimitAlreadyExistsFault",
        aws_errors.InvalidState: "InvalidUsageLimitFault",
        aws_errors.LimitExceeded: "LimitExceededFault",
    },
    "AuthenticationProfile": {aws_errors.ResourceNotFound: "AuthenticationProfileNotFoundFault"},
    "ClusterSecurityGroup": {aws_errors.ResourceNotFound: "ClusterSecurityGroupNotFoundFault"},
    "Endpoint": {aws_errors.ResourceNotFound: "EndpointNotFoundFault"},
    "HsmClientCertificate": {aws_errors.ResourceNotFound: "HsmClientCertificateNotFoundFault"},
    "HsmConfiguration": {aws_errors.ResourceNotFound: "HsmConfigurationNotFoundFault"},
    "Integration": {aws_errors.ResourceNotFound: "IntegrationNotFoundFault"},
    "Qev2IdcApplication": {aws_errors.ResourceNotFound: "Qev2IdcApplicationNotExistsFault"},
    "RedshiftIdcApplication": {aws_errors.ResourceNotFound: "RedshiftIdcApplicationNotExistsFault"},
    "ReservedNode": {aws_errors.ResourceNotFound: "ReservedNodeNotFoundFault"},
    "ReservedNodeExchange": {aws_errors.ResourceNotFound: "ReservedNodeExchangeNotFoundFault"},
    "ReservedNodeOffering": {aws_errors.ResourceNotFound: "ReservedNodeOfferingNotFoundFault"},
    "ScheduledAction": {aws_errors.ResourceNotFound: "ScheduledActionNotFoundFault"},
    "SnapshotCopyGrant": {aws_errors.ResourceNotFound: "SnapshotCopyGrantNotFoundFault"},
    "Subscription": {aws_errors.ResourceNotFound: "SubscriptionNotFoundFault"},
    "TableRestore": {aws_errors.ResourceNotFound: "TableRestoreNotFoundFault"},
    "S3BucketName": {aws_errors.InvalidState: "InvalidS3BucketNameFault"},
    "S3KeyPrefix": {aws_errors.InvalidState: "InvalidS3KeyPrefixFault"},
}

_REDSHIFT: Final = {
    aws_errors.InvalidDataShare: Fault("InvalidDataShareFault"),
    aws_errors.InvalidNamespace: Fault("InvalidNamespaceFault"),
    aws_errors.UnsupportedOperation: Fault("UnsupportedOperationFault"),
    aws_errors.AccessDenied: Fault("AccessDenied", 403),
    aws_errors.InvalidParameterCombination: Fault("InvalidParameterCombination"),
    aws_errors.InvalidParameterValue: Fault("InvalidParameterValue"),
    aws_errors.InvalidPolicy: Fault("InvalidPolicyFault"),
    aws_errors.InvalidTag: Fault("InvalidTagFault"),
    aws_errors.ResourceNotFound: Fault("ResourceNotFoundFault"),
    aws_errors.AlreadyExists: Fault("InvalidParameterValue"),
    aws_errors.InvalidState: Fault("InvalidParameterValue"),
    aws_errors.LimitExceeded: Fault("LimitExceededFault"),
    errors.StaleState: Fault("ServiceUnavailable", 503),
    errors.DuplicateName: Fault("ServiceUnavailable", 503),
    errors.StoreUnavailable: Fault("ServiceUnavailable", 503),
    sql_errors.EngineUnavailable: Fault("ServiceUnavailable", 503),
    sql_errors.SqlError: Fault("InvalidParameterValue"),
    aws_errors.Throttled: Fault("Throttling"),
}
_SERVERLESS: Final = {
    aws_errors.AccessDenied: Fault("AccessDeniedException"),
    aws_errors.ResourceNotFound: Fault("ResourceNotFoundException"),
    aws_errors.AlreadyExists: Fault("ConflictException"),
    aws_errors.InvalidState: Fault("ConflictException"),
    aws_errors.LimitExceeded: Fault("ServiceQuotaExceededException"),
    errors.StaleState: Fault("ConflictException"),
    errors.DuplicateName: Fault("ConflictException"),
    errors.StoreUnavailable: Fault("InternalServerException"),
    sql_errors.EngineUnavailable: Fault("InternalServerException"),
    aws_errors.UnsupportedOperation: Fault("ValidationException"),
    aws_errors.InvalidParameterValue: Fault("ValidationException"),
    aws_errors.InvalidParameterCombination: Fault("ValidationException"),
    aws_errors.InvalidPolicy: Fault("ValidationException"),
    aws_errors.InvalidDataShare: Fault("ValidationException"),
    aws_errors.InvalidNamespace: Fault("ValidationException"),
    sql_errors.SqlError: Fault("ValidationException"),
    aws_errors.Throttled: Fault("ThrottlingException"),
}
_DATA: Final = {
    **_SERVERLESS,
    aws_errors.AlreadyExists: Fault("ValidationException"),
    aws_errors.InvalidState: Fault("ValidationException"),
    aws_errors.LimitExceeded: Fault("ValidationException"),
    errors.StaleState: Fault("InternalServerException"),
    errors.DuplicateName: Fault("InternalServerException"),
    data_errors.StatementNotFound: Fault("ResourceNotFoundException"),
    data_errors.ResultNotFound: Fault("ResourceNotFoundException"),
    data_errors.ActiveStatementsExceeded: Fault("ActiveStatementsExceededException"),
    data_errors.ActiveSessionsExceeded: Fault("ActiveSessionsExceededException"),
    data_errors.ActiveWaitingRequestsExceeded: Fault("ActiveWaitingRequestsExceededException"),
    data_errors.DatabaseConnectionFailed: Fault("DatabaseConnectionException"),
    data_errors.QueryTimedOut: Fault("QueryTimeoutException"),
}
_STS: Final = {
    **_REDSHIFT,
    aws_errors.InvalidParameterValue: Fault("ValidationError"),
    iam_errors.ValidationError: Fault("ValidationError"),
    iam_errors.InvalidInput: Fault("ValidationError"),
    iam_errors.MalformedPolicyDocument: Fault("MalformedPolicyDocumentException"),
    iam_errors.PackedPolicyTooLarge: Fault("PackedPolicyTooLargeException"),
}
_IAM: Final = {
    **_STS,
    iam_errors.NoSuchEntity: Fault("NoSuchEntityException"),
    iam_errors.EntityAlreadyExists: Fault("EntityAlreadyExistsException"),
    iam_errors.DeleteConflict: Fault("DeleteConflictException"),
    iam_errors.QuotaExceeded: Fault("LimitExceededException"),
    iam_errors.InvalidInput: Fault("InvalidInputException"),
}
TABLES: Final = {
    "redshift": _REDSHIFT,
    "redshift-serverless": _SERVERLESS,
    "redshift-data": _DATA,
    "sts": _STS,
    "iam": _IAM,
}


def fault(service: Service, error: errors.RedshareError) -> Fault:
    """The fault of an error at a service. A class without a row has its base's."""
    if isinstance(error, aws_errors.InjectedFault):
        return _modelled(service, Fault(error.code, error.status))
    kind = getattr(error, "kind", None)
    table = TABLES[service.name]
    for base in type(error).__mro__:
        named = _BY_KIND.get(kind, {}).get(base) if kind and service.name == "redshift" else None
        found = Fault(named) if named else table.get(base)
        if found is not None:
            return _modelled(service, found)
    raise error


def _modelled(service: Service, found: Fault) -> Fault:
    modelled = service.error(found.code)
    return found if modelled is None else Fault(modelled.code, modelled.status)


def fields(error: errors.RedshareError) -> Mapping[str, str]:
    """What a modelled error says beside its message: the resource that is not there."""
    if isinstance(
        error,
        aws_errors.ResourceNotFound | data_errors.StatementNotFound | data_errors.ResultNotFound,
    ):
        return {"ResourceId": error.name}
    return {}


UNIMPLEMENTED: Final = {
    "redshift": Fault("UnsupportedOperation"),
    "redshift-serverless": Fault("ValidationException"),
    "redshift-data": Fault("ValidationException"),
    "sts": Fault("UnsupportedOperation"),
    "iam": Fault("UnsupportedOperation"),
}
