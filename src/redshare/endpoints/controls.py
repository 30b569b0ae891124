"""`/_redshare/…`: the clock, faults, maintenance and reset of a node that was started for tests.

JSON in, JSON out, no signature: whoever reaches the loopback interface of the machine may. Web
pages may not, so that a body must be declared as JSON and the host be the loopback's.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final

import msgspec

from redshare.app.faults import FailWith, FaultRule, Faults
from redshare.app.maintenance import Maintenance
from redshare.app.reset import Reset
from redshare.app.world import WorldError
from redshare.core.errors import RedshareError
from redshare.ports import Ids, MovableClock
from redshare.wire.aws.request import HttpRequest, HttpResponse

PREFIX: Final = "/_redshare/"
#: Longer a call is not held: clients give up before.
MAX_DELAY_SECONDS: Final = 60.0


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _ClockOrder(msgspec.Struct, forbid_unknown_fields=True):
    now: datetime | None = None
    advance_seconds: float = 0.0
    frozen: bool | None = None
    reset: bool = False


class _FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    service: str | None = None
    operation: str | None = None
    account: str | None = None
    region: str | None = None
    times: int | None = None
    delay_seconds: float = 0.0
    error: FailWith | None = None
    stuck_pending: bool = False
    writes_unavailable: bool = False


class Controls:
    """Answers requests below PREFIX."""

    def __init__(
        self,
        clock: MovableClock,
        faults: Faults,
        reset: Reset,
        maintenance: Maintenance,
        ids: Ids,
    ) -> None:
        self._clock = clock
        self._faults = faults
        self.reset = reset
        self._maintenance = maintenance
        self._ids = ids

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Never raises for anything that arrived."""
        try:
            _check_sender(request)
            status, answer = self._answered(request)
        except _Refused as error:
            status, answer = error.status, {"error": str(error)}
        except (msgspec.MsgspecError, WorldError) as error:
            status, answer = 400, {"error": str(error)}
        except RedshareError as error:
            status, answer = 503, {"error": error.message}
        body = json.dumps(answer).encode()
        return HttpResponse(status, (("Content-Type", "application/json"),), body)

    def _answered(self, request: HttpRequest) -> tuple[int, dict[str, Any]]:
        match request.method, request.path.removeprefix(PREFIX).split("/"):
            case "GET", ["clock"]:
                return 200, self._time()
            case "POST", ["clock"]:
                self._set_clock(msgspec.json.decode(request.body, type=_ClockOrder))
                return 200, self._time()
            case "GET", ["faults"]:
                return 200, {"faults": [msgspec.to_builtins(f) for f in self._faults.all()]}
            case "POST", ["faults"]:
                return 201, {"rule_id": self._add(request.body)}
            case "DELETE", ["faults"]:
                self._faults.clear()
                return 200, {}
            case "DELETE", ["faults", rule_id]:
                if not self._faults.remove(rule_id):
                    raise _Refused(404, f"there is no rule {rule_id}")
                return 200, {}
            case "POST", ["maintenance"]:
                self._maintenance.round()
                return 200, {}
            case "POST", ["reset"]:
                self._faults.clear()
                self._clock.restore()
                return 200, {"made": self.reset.run()}
            case method, _:
                raise _Refused(404, f"there is no {method} {request.path}")

    def _time(self) -> dict[str, Any]:
        return {"now": self._clock.now().isoformat(), "frozen": self._clock.frozen}

    def _set_clock(self, order: _ClockOrder) -> None:
        if order.reset:
            self._clock.restore()
        try:
            target = order.now or self._clock.now()
            target = target if target.tzinfo else target.replace(tzinfo=UTC)
            target = target.astimezone(UTC) + timedelta(seconds=order.advance_seconds)
        except (OverflowError, ValueError) as error:
            raise _Refused(400, f"no such time: {error}") from error
        if order.frozen is not None:
            self._clock.freeze(frozen=order.frozen)
        if order.now is not None or order.advance_seconds:
            self._clock.move(target)

    def _add(self, body: bytes) -> str:
        order = msgspec.json.decode(body, type=_FaultOrder)
        if not (
            order.delay_seconds or order.error or order.stuck_pending or order.writes_unavailable
        ):
            raise _Refused(
                400,
                "a fault is delay_seconds, error, stuck_pending or writes_unavailable",
            )
        if not 0 <= order.delay_seconds <= MAX_DELAY_SECONDS:
            raise _Refused(400, f"delay_seconds is from 0 to {MAX_DELAY_SECONDS:g}")
        if order.times is not None and order.times < 1:
            raise _Refused(400, "times is 1 or more")
        if order.error is not None and not 400 <= order.error.status <= 599:
            raise _Refused(400, "an error's status is from 400 to 599")
        rule = FaultRule(self._ids.guid(), **msgspec.structs.asdict(order))
        self._faults.add(rule)
        return rule.rule_id


def _check_sender(request: HttpRequest) -> None:
    """A page in a browser on this machine can send neither of these."""
    host = (request.header("host") or "").lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if not is_loopback(name.strip("[]")):
        raise _Refused(403, "the host must be a loopback address")
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        raise _Refused(415, "the body must be application/json")


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
