"""ListSessions of the Data API.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListSessions.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from redshare.app.caller import Caller
from redshare.app.data.sessions import DataSessions
from redshare.app.paging import PageRequest
from redshare.core.aws_errors import InvalidParameterValue, ResourceNotFound
from redshare.core.data_statement import DataSession, SessionStatus
from redshare.endpoints.redshift_data.connection import DataConnections, check_names, owner_of
from redshare.endpoints.redshift_data.order import newest_first

Params = Mapping[str, Any]

_EXCLUDED = ("Status", "ClusterIdentifier", "WorkgroupName", "Database")


class DataSessionOperations:
    """Sessions out."""

    def __init__(self, sessions: DataSessions, connections: DataConnections) -> None:
        self._sessions = sessions
        self._connections = connections
        self.operations = {"ListSessions": self.list_sessions}

    def list_sessions(self, caller: Caller, params: Params) -> Params:
        """The caller's sessions of the last day, newest first."""
        check_names(params)
        found = self._found(caller, params)
        asked = [str(params.get(name)) for name in (*_EXCLUDED, "SessionId", "RoleLevel")]
        request = PageRequest(
            ("ListSessions", caller.account, caller.principal, *asked),
            params.get("MaxResults"),
            params.get("NextToken"),
            "MaxResults",
            smallest=0,
        )
        page = request.of(found, lambda session: newest_first(session.created, session.session_id))
        return {"Sessions": [_session(s) for s in page.items], "NextToken": page.marker}

    def _found(self, caller: Caller, params: Params) -> Sequence[DataSession]:
        if params.get("SessionId") is not None:
            return [self._one(caller, params)]
        status = params.get("Status")
        wanted = (
            [SessionStatus(status)] if status else [SessionStatus.AVAILABLE, SessionStatus.BUSY]
        )
        warehouse = self._connections.filter(caller, params)
        database = params.get("Database")
        role_level = params.get("RoleLevel", True)
        return [
            session
            for session in self._sessions.all(owner_of(caller), role_level=role_level)
            if session.status in wanted
            and warehouse in {None, session.target.warehouse}
            and database in {None, session.target.database}
        ]

    def _one(self, caller: Caller, params: Params) -> DataSession:
        if any(params.get(name) is not None for name in _EXCLUDED):
            raise InvalidParameterValue(
                f"SessionId cannot be combined with {', '.join(_EXCLUDED)}."
            )
        found = self._sessions.find(owner_of(caller), params["SessionId"])
        if found is None:
            raise ResourceNotFound("Session", params["SessionId"])
        return found


def _session(session: DataSession) -> Params:
    return {
        "SessionId": session.session_id,
        "Status": session.status.value,
        "CreatedAt": session.created,
        "UpdatedAt": session.updated,
        "Database": session.target.database,
        "DbUser": session.target.user,
        "ClusterIdentifier": session.target.cluster,
        "WorkgroupName": session.target.workgroup,
        "SessionAliveSeconds": session.keep_alive,
        "SessionTtl": session.expires,
        "CurrentStatementId": session.statement,
    }
