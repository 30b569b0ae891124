"""Domain errors as AWS clients see them: one table a service, to codes of its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from redshare.core import errors
from redshare.wire.aws.model import Service


@dataclass(frozen=True, slots=True)
class Fault:
    """A code with its HTTP status; of a modelled shape the model says both."""

    code: str
    status: int = 400


#: Where an error speaks of a resource of Redshift, its kind chooses the fault.
_BY_KIND: Final[dict[str, dict[type[errors.RedshareError], str]]] = {
    "BatchDelete": {errors.LimitExceeded: "BatchDeleteRequestSizeExceededFault"},
    "BatchModify": {errors.LimitExceeded: "BatchModifyClusterSnapshotsLimitExceededFault"},
    "Cluster": {
        errors.ResourceNotFound: "ClusterNotFoundFault",
        errors.AlreadyExists: "ClusterAlreadyExistsFault",
        errors.InvalidState: "InvalidClusterStateFault",
    },
    "ClusterParameterGroup": {
        errors.ResourceNotFound: "ClusterParameterGroupNotFoundFault",
        errors.AlreadyExists: "ClusterParameterGroupAlreadyExistsFault",
        errors.InvalidState: "InvalidClusterParameterGroupStateFault",
    },
    "ClusterSnapshot": {
        errors.ResourceNotFound: "ClusterSnapshotNotFoundFault",
        errors.AlreadyExists: "ClusterSnapshotAlreadyExistsFault",
        errors.InvalidState: "InvalidClusterSnapshotStateFault",
    },
    "ClusterSubnetGroup": {
        errors.ResourceNotFound: "ClusterSubnetGroupNotFoundFault",
        errors.AlreadyExists: "ClusterSubnetGroupAlreadyExistsFault",
        errors.InvalidState: "InvalidClusterSubnetGroupStateFault",
    },
    "ClusterSubnets": {errors.LimitExceeded: "ClusterSubnetQuotaExceededFault"},
    "CustomDomainAssociation": {
        errors.ResourceNotFound: "CustomDomainAssociationNotFoundFault",
        errors.AlreadyExists: "CustomCnameAssociationFault",
    },
    "MaintenanceTrack": {errors.ResourceNotFound: "InvalidClusterTrackFault"},
    "NumberOfNodesPerCluster": {errors.LimitExceeded: "NumberOfNodesPerClusterLimitExceededFault"},
    "Resize": {errors.ResourceNotFound: "ResizeNotFoundFault"},
    "Resource": {errors.ResourceNotFound: "ResourceNotFoundFault"},
    "RetentionPeriod": {errors.LimitExceeded: "InvalidRetentionPeriodFault"},
    "Subnet": {errors.ResourceNotFound: "InvalidSubnet"},
    "Tags": {errors.LimitExceeded: "TagLimitExceededFault"},
    "UsageLimit": {
        errors.ResourceNotFound: "UsageLimitNotFoundFault",
        errors.AlreadyExists: "UsageLimitAlreadyExistsFault",
        errors.InvalidState: "InvalidUsageLimitFault",
        errors.LimitExceeded: "LimitExceededFault",
    },
    "AuthenticationProfile": {errors.ResourceNotFound: "AuthenticationProfileNotFoundFault"},
    "ClusterSecurityGroup": {errors.ResourceNotFound: "ClusterSecurityGroupNotFoundFault"},
    "Endpoint": {errors.ResourceNotFound: "EndpointNotFoundFault"},
    "HsmClientCertificate": {errors.ResourceNotFound: "HsmClientCertificateNotFoundFault"},
    "HsmConfiguration": {errors.ResourceNotFound: "HsmConfigurationNotFoundFault"},
    "Integration": {errors.ResourceNotFound: "IntegrationNotFoundFault"},
    "Qev2IdcApplication": {errors.ResourceNotFound: "Qev2IdcApplicationNotExistsFault"},
    "RedshiftIdcApplication": {errors.ResourceNotFound: "RedshiftIdcApplicationNotExistsFault"},
    "ReservedNode": {errors.ResourceNotFound: "ReservedNodeNotFoundFault"},
    "ReservedNodeExchange": {errors.ResourceNotFound: "ReservedNodeExchangeNotFoundFault"},
    "ReservedNodeOffering": {errors.ResourceNotFound: "ReservedNodeOfferingNotFoundFault"},
    "ScheduledAction": {errors.ResourceNotFound: "ScheduledActionNotFoundFault"},
    "SnapshotCopyGrant": {errors.ResourceNotFound: "SnapshotCopyGrantNotFoundFault"},
    "Subscription": {errors.ResourceNotFound: "SubscriptionNotFoundFault"},
    "TableRestore": {errors.ResourceNotFound: "TableRestoreNotFoundFault"},
    "S3BucketName": {errors.InvalidState: "InvalidS3BucketNameFault"},
    "S3KeyPrefix": {errors.InvalidState: "InvalidS3KeyPrefixFault"},
}

_REDSHIFT: Final = {
    errors.InvalidDataShare: Fault("InvalidDataShareFault"),
    errors.InvalidNamespace: Fault("InvalidNamespaceFault"),
    errors.UnsupportedOperation: Fault("UnsupportedOperationFault"),
    errors.AccessDenied: Fault("AccessDenied", 403),
    errors.InvalidParameterCombination: Fault("InvalidParameterCombination"),
    errors.InvalidParameterValue: Fault("InvalidParameterValue"),
    errors.InvalidPolicy: Fault("InvalidPolicyFault"),
    errors.InvalidTag: Fault("InvalidTagFault"),
    errors.ResourceNotFound: Fault("ResourceNotFoundFault"),
    errors.AlreadyExists: Fault("InvalidParameterValue"),
    errors.InvalidState: Fault("InvalidParameterValue"),
    errors.LimitExceeded: Fault("LimitExceededFault"),
    errors.StaleState: Fault("ServiceUnavailable", 503),
    errors.DuplicateName: Fault("ServiceUnavailable", 503),
    errors.StoreUnavailable: Fault("ServiceUnavailable", 503),
    errors.EngineUnavailable: Fault("ServiceUnavailable", 503),
    errors.SqlError: Fault("InvalidParameterValue"),
    errors.Throttled: Fault("Throttling"),
}
_SERVERLESS: Final = {
    errors.AccessDenied: Fault("AccessDeniedException"),
    errors.ResourceNotFound: Fault("ResourceNotFoundException"),
    errors.AlreadyExists: Fault("ConflictException"),
    errors.InvalidState: Fault("ConflictException"),
    errors.LimitExceeded: Fault("ServiceQuotaExceededException"),
    errors.StaleState: Fault("ConflictException"),
    errors.DuplicateName: Fault("ConflictException"),
    errors.StoreUnavailable: Fault("InternalServerException"),
    errors.EngineUnavailable: Fault("InternalServerException"),
    errors.UnsupportedOperation: Fault("ValidationException"),
    errors.InvalidParameterValue: Fault("ValidationException"),
    errors.InvalidParameterCombination: Fault("ValidationException"),
    errors.InvalidPolicy: Fault("ValidationException"),
    errors.InvalidDataShare: Fault("ValidationException"),
    errors.InvalidNamespace: Fault("ValidationException"),
    errors.SqlError: Fault("ValidationException"),
    errors.Throttled: Fault("ThrottlingException"),
}
_DATA: Final = {
    **_SERVERLESS,
    errors.AlreadyExists: Fault("ValidationException"),
    errors.InvalidState: Fault("ValidationException"),
    errors.LimitExceeded: Fault("ValidationException"),
    errors.StaleState: Fault("InternalServerException"),
    errors.DuplicateName: Fault("InternalServerException"),
    errors.StatementNotFound: Fault("ResourceNotFoundException"),
    errors.ResultNotFound: Fault("ResourceNotFoundException"),
    errors.ActiveStatementsExceeded: Fault("ActiveStatementsExceededException"),
    errors.ActiveSessionsExceeded: Fault("ActiveSessionsExceededException"),
    errors.ActiveWaitingRequestsExceeded: Fault("ActiveWaitingRequestsExceededException"),
    errors.DatabaseConnectionFailed: Fault("DatabaseConnectionException"),
    errors.QueryTimedOut: Fault("QueryTimeoutException"),
}
_STS: Final = {
    **_REDSHIFT,
    errors.InvalidParameterValue: Fault("ValidationError"),
    errors.ValidationError: Fault("ValidationError"),
    errors.InvalidInput: Fault("ValidationError"),
    errors.MalformedPolicyDocument: Fault("MalformedPolicyDocumentException"),
    errors.PackedPolicyTooLarge: Fault("PackedPolicyTooLargeException"),
}
_IAM: Final = {
    **_STS,
    errors.NoSuchEntity: Fault("NoSuchEntityException"),
    errors.EntityAlreadyExists: Fault("EntityAlreadyExistsException"),
    errors.DeleteConflict: Fault("DeleteConflictException"),
    errors.QuotaExceeded: Fault("LimitExceededException"),
    errors.InvalidInput: Fault("InvalidInputException"),
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
    if isinstance(error, errors.InjectedFault):
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
        error, errors.ResourceNotFound | errors.StatementNotFound | errors.ResultNotFound
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
