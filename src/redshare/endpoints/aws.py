"""One AWS request from its bytes to its answer: routed, verified, read, validated, run, told.

Whatever arrives, the answer is a document of the service's protocol with a request id.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.identity import Credential, Identity
from redshare.core.errors import RedshareError, StoreUnavailable
from redshare.core.ids import Region
from redshare.endpoints.audit import CallAudit
from redshare.endpoints.authorization import Authorization
from redshare.endpoints.aws_errors import UNIMPLEMENTED, fault, fields
from redshare.endpoints.explain import PATH, Explain
from redshare.ports import Clock, Ids
from redshare.wire.aws import respond
from redshare.wire.aws.authorization import Kind, SignatureError, session_token
from redshare.wire.aws.errors import WireError, malformed_http
from redshare.wire.aws.model import SERVICES, Protocol, Service, load_service
from redshare.wire.aws.request import HttpRequest, HttpResponse
from redshare.wire.aws.route import Call, looks_json, query_fields, read, route
from redshare.wire.aws.sigv4 import Key, Secret, verify
from redshare.wire.aws.validate import ValidationFailure, validate

Params = Mapping[str, Any]
Operation = Callable[[Caller, Params], Mapping[str, Any]]
#: service name -> operation name -> what runs it
Operations = Mapping[str, Mapping[str, Operation]]
#: What GET /explain needs; AWS has no such action.
EXPLAIN_ACTION: Final = "ExplainAccess"


class Gateway:
    """The AWS services of a node on one listener."""

    def __init__(
        self,
        operations: Operations,
        explain: Explain,
        identity: Identity,
        authorization: Authorization,
        audit: CallAudit,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._operations = operations
        self._explain = explain
        self._authorization = authorization
        self._audit = audit
        self._identity = identity
        self._clock = clock
        self._ids = ids
        for name in SERVICES:  # read once, at the start: no request waits for it
            load_service(name)

    def handle(self, request: HttpRequest, source: str, *, secure: bool = False) -> HttpResponse:
        """Answer a request. Never raises for anything that arrived."""
        request_id = self._ids.guid()
        if request.path == PATH:
            return self._explained(request, request_id, source, secure=secure)
        try:
            routed = route(request)
        except WireError as error:
            return self._refused(None, error, request_id, looks_json(request))
        service = routed.service
        try:
            caller = self._verified(request, service, request_id, source, secure=secure)
            call = read(routed, request)
        except SignatureError as error:
            return self._refused(service, error.as_wire(service.protocol), request_id)
        except WireError as error:
            return self._refused(service, error, request_id)
        except RedshareError as error:  # the keys cannot be read now
            told = fault(service, error)
            return self._failure(service, told.code, error.message, told.status, request_id)
        session = caller.speaker.session
        if service.name == "iam" and session is not None and session.plain:
            # As AWS has it without MFA: credentials of GetSessionToken do not work at IAM.
            unknown = SignatureError(Kind.UNKNOWN_KEY).as_wire(service.protocol)
            self._keep_refusal(caller, call, unknown.code, unknown.message)
            return self._refused(service, unknown, request_id)
        try:
            validate(call.operation, call.params)
        except ValidationFailure as error:
            self._keep_refusal(caller, call, error.code, error.message)
            return self._refused(service, error, request_id)
        return self._run(caller, call)

    def unread(self, error: WireError, *, json: bool = False) -> HttpResponse:
        """The answer to a request that the listener could not read."""
        return self._refused(None, error, self._ids.guid(), json)

    def _explained(
        self, request: HttpRequest, request_id: str, source: str, *, secure: bool
    ) -> HttpResponse:
        """GET /explain, signed for the Redshift API and authorized as an action of it."""
        service = load_service("redshift")
        try:
            if request.method != "GET" or request.body:
                raise malformed_http(f"{PATH} is called with GET and no body.")
            caller = self._verified(request, service, request_id, source, secure=secure)
            self._authorization.check(caller, service.name, EXPLAIN_ACTION, {})
            answer = self._explain.answer(caller, query_fields(request))
        except SignatureError as error:
            return self._refused(None, error.as_wire(Protocol.JSON), request_id, json=True)
        except WireError as error:
            return self._refused(None, error, request_id, json=True)
        except RedshareError as error:
            told = fault(service, error)
            refused = WireError(told.code, error.message, told.status)
            return self._refused(None, refused, request_id, json=True)
        return respond.document(answer, request_id, self._clock.now())

    def broken(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request whose handling failed by a fault of ours."""
        explaining = request.path == PATH
        try:
            service: Service | None = None if explaining else route(request).service
        except WireError:
            service = None
        code = "InternalFailure" if service is None else "InternalServerException"
        if service is not None and service.protocol.value == "query":
            code = "InternalFailure"
        return respond.failure(
            service,
            code,
            "The request failed because of an error of the service.",
            500,
            self._ids.guid(),
            self._clock.now(),
            looks_json=explaining or looks_json(request),
        )

    def _verified(
        self, request: HttpRequest, service: Service, request_id: str, source: str, *, secure: bool
    ) -> Caller:
        verified = verify(
            request,
            now=self._clock.now(),
            lookup=lambda access_key_id: self._key(access_key_id, session_token(request)),
            services=[service.signing_name],
            regions=None,
        )
        credential = verified.key.owner
        assert isinstance(credential, Credential), "it was put there below"
        if credential.expired:
            raise SignatureError(Kind.EXPIRED)
        key = verified.access_key_id
        self._identity.used(credential.speaker, key, service.name, verified.region)
        return Caller(
            credential.speaker,
            access_key_id=key,
            region=Region(verified.region),
            request_id=request_id,
            source=source,
            user_agent=request.header("user-agent") or "",
            secure=secure,
        )

    def _key(self, access_key_id: str, token: str | None) -> Key | None:
        found = self._identity.credential(access_key_id, token)
        if found is None:
            return None
        held = None if found.token is None else Secret(found.token)
        return Key(Secret(found.secret), found, held)

    def _run(self, caller: Caller, call: Call) -> HttpResponse:
        service, name = call.service, call.operation.name
        operation = self._operations[service.name].get(name)
        if operation is None:
            none = UNIMPLEMENTED[service.name]
            message = f"The operation {name} is not supported."
            self._keep_refusal(caller, call, none.code, message)
            return self._failure(service, none.code, message, none.status, caller.request_id)
        try:
            self._authorization.check(caller, service.name, name, call.params)
            result = self._audited(operation, caller, call)
        except RedshareError as error:
            told = fault(service, error)
            self._keep_refusal(caller, call, told.code, error.message)
            return self._failure(
                service, told.code, error.message, told.status, caller.request_id, fields(error)
            )
        return respond.success(
            service, call.operation, result, caller.request_id, self._clock.now()
        )

    def _audited(self, operation: Operation, caller: Caller, call: Call) -> Mapping[str, Any]:
        """Run it; its audit row is on disk before it is answered."""
        audited = self._audit.began(caller, call.service, call.operation, call.params)
        if audited is None:
            return operation(caller, call.params)
        with self._audit.calling(audited):
            result = operation(caller, call.params)
        self._audit.ended(audited, call.service, call.operation, result)
        return result

    def _keep_refusal(self, caller: Caller, call: Call, code: str, message: str) -> None:
        # What failed for want of the store cannot be kept in it: the answer stays the same.
        with contextlib.suppress(StoreUnavailable):
            self._audit.refused(caller, call.service, call.operation, call.params, (code, message))

    def _refused(
        self,
        service: Service | None,
        error: WireError | ValidationFailure,
        request_id: str,
        json: bool = False,
    ) -> HttpResponse:
        return respond.failure(
            service,
            error.code,
            error.message,
            error.status,
            request_id,
            self._clock.now(),
            looks_json=json,
        )

    def _failure(
        self,
        service: Service,
        code: str,
        message: str,
        status: int,
        request_id: str,
        members: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        now = self._clock.now()
        return respond.failure(service, code, message, status, request_id, now, fields=members)
