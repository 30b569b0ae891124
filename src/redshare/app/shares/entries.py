"""The five operations that change a datashare's entries.

Parameters come as the API's strings, answers as the caller's view of the share. Who may: the
producer's account authorizes and deauthorizes, a consumer's account associates, disassociates and
rejects. A share that the caller may not see does not exist for it: both answer alike.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_AuthorizeDataShare.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from redshare.app.caller import Call, Caller
from redshare.app.shares.call_changes import of_call
from redshare.app.shares.parameters import Selector, arns, consumer_identifier, datashare_arn
from redshare.app.work import Work
from redshare.core import aws_errors
from redshare.core.catalog import Catalog, Put
from redshare.core.consumer import AccountConsumer, Consumer, DataCatalogConsumer
from redshare.core.ids import AccountId, DataShareArn
from redshare.core.lifecycle import Status
from redshare.core.share import Datashare, Scope
from redshare.core.visibility import ShareView, rejected_view, view
from redshare.ports import Commit

#: What a consumer's verb makes of a share, as whom, for which scope.
ConsumerVerb = Callable[[Datashare, Call, Consumer, Scope], Datashare]


class Shares:
    """The verbs of two accounts on a datashare."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def authorize(
        self, caller: Caller, arn: str, consumer: str, *, allow_writes: bool | None = None
    ) -> ShareView:
        """AuthorizeDataShare. Raises AccessDenied, InvalidDataShare, InvalidParameterValue."""
        principal = consumer_identifier(consumer)

        def verb(share: Datashare, call: Call) -> Datashare:
            return share.authorize(principal, call.at, writes=bool(allow_writes))

        parameters: dict[str, Any] = {"dataShareArn": arn, "consumerIdentifier": consumer}
        if allow_writes is not None:
            parameters["allowWrites"] = allow_writes
        call = self._call(caller, "AuthorizeDataShare", parameters)
        return self._by_producer(call, "authorize", verb)

    def deauthorize(self, caller: Caller, arn: str, consumer: str) -> ShareView:
        """DeauthorizeDataShare. Raises AccessDenied, InvalidDataShare, InvalidParameterValue."""
        principal = consumer_identifier(consumer)

        def verb(share: Datashare, call: Call) -> Datashare:
            return share.deauthorize(principal, call.at)

        parameters = {"dataShareArn": arn, "consumerIdentifier": consumer}
        call = self._call(caller, "DeauthorizeDataShare", parameters)
        return self._by_producer(call, "remove authorization from", verb)

    def associate(
        self, caller: Caller, arn: str, selector: Selector, *, allow_writes: bool | None = None
    ) -> ShareView:
        """AssociateDataShareConsumer.

        Raises AccessDenied, InvalidDataShare, InvalidNamespace, InvalidParameterValue,
        InvalidParameterCombination.
        """
        writes = bool(allow_writes)

        def verb(share: Datashare, call: Call, who: Consumer, scope: Scope) -> Datashare:
            return share.associate(who, caller.account, scope, call.at, writes=writes)

        selector.check("AssociateEntireAccount")
        parameters = {"dataShareArn": arn, **selector.given("AssociateEntireAccount")}
        if allow_writes is not None:
            parameters["allowWrites"] = allow_writes
        call = self._call(caller, "AssociateDataShareConsumer", parameters)
        return self._by_consumer(call, selector, verb)

    def disassociate(self, caller: Caller, arn: str, selector: Selector) -> ShareView:
        """DisassociateDataShareConsumer. Raises as associate."""

        def verb(share: Datashare, call: Call, who: Consumer, scope: Scope) -> Datashare:
            return share.disassociate(who, caller.account, scope, call.at)

        selector.check("DisassociateEntireAccount")
        parameters = {"dataShareArn": arn, **selector.given("DisassociateEntireAccount")}
        call = self._call(caller, "DisassociateDataShareConsumer", parameters)
        return self._by_consumer(call, selector, verb)

    def reject(self, caller: Caller, arn: str) -> ShareView:
        """RejectDataShare. Raises AccessDenied, InvalidDataShare, InvalidParameterValue."""
        parsed = datashare_arn("reject", arn)
        call = self._call(caller, "RejectDataShare", {"dataShareArn": arn})

        def decision(catalog: Catalog) -> tuple[Commit, ShareView]:
            changed = _offered(catalog, parsed, call)
            for consumer in _open_entries(changed, caller.account):
                changed = changed.reject(consumer, call.at)
            return _saved(changed, call), rejected_view(changed, caller.account, arns(catalog))

        return self._work.decide(decision)

    # --- how ------------------------------------------------------------------------------

    def _call(self, caller: Caller, operation: str, parameters: Mapping[str, Any]) -> Call:
        return Call(
            caller, self._work.clock.now(), operation, parameters["dataShareArn"], parameters
        )

    def _by_producer(
        self, call: Call, words: str, verb: Callable[[Datashare, Call], Datashare]
    ) -> ShareView:
        arn = datashare_arn(words, call.resource)
        if arn.account != call.caller.account:
            raise _denied(call)

        def decision(catalog: Catalog) -> tuple[Commit, ShareView]:
            share = catalog.datashare_of(arn)
            if share is None:
                raise aws_errors.DatashareArnUnknown(words, call.resource)
            changed = verb(share, call)
            return _saved(changed, call), _seen(changed, call, catalog)

        return self._work.decide(decision)

    def _by_consumer(self, call: Call, selector: Selector, verb: ConsumerVerb) -> ShareView:
        arn = datashare_arn("associate", call.resource)

        def decision(catalog: Catalog) -> tuple[Commit, ShareView]:
            who, scope = selector.scope(catalog, call.caller, arn)
            changed = verb(_offered(catalog, arn, call), call, who, scope)
            return _saved(changed, call), _seen(changed, call, catalog)

        return self._work.decide(decision)


def _offered(catalog: Catalog, arn: DataShareArn, call: Call) -> Datashare:
    """The share if it was ever offered to the caller's account; else it is not there for it."""
    account = call.caller.account
    share = catalog.datashare_of(arn)
    if share is not None and any(
        share.authorization(consumer)
        for consumer in (AccountConsumer(account), DataCatalogConsumer(account))
    ):
        return share
    if arn.account == account and call.operation != "DisassociateDataShareConsumer":
        raise _denied(call)
    raise aws_errors.NotAConsumer(str(arn))


def _open_entries(share: Datashare, account: AccountId) -> list[Consumer]:
    """The entries the account may reject; with none, the one that the refusal is about."""
    consumers: list[Consumer] = [AccountConsumer(account), DataCatalogConsumer(account)]
    entries = [(consumer, share.authorization(consumer)) for consumer in consumers]
    open_statuses = {Status.AUTHORIZED, Status.ACTIVE}
    found = [consumer for consumer, entry in entries if entry and entry.status in open_statuses]
    return found or consumers[:1]


def _saved(share: Datashare, call: Call) -> Commit:
    change = of_call(call.operation, call.caller.account, call.parameters, share)
    return Commit((Put(share),), audit=(replace(call.audit(), change=change),))


def _seen(share: Datashare, call: Call, catalog: Catalog) -> ShareView:
    """What the caller sees after its call; with nothing left to see, a share without entries."""
    seen = view(share, call.caller.account, arns(catalog))
    return seen or ShareView(share, str(arns(catalog)(share.namespace)), ())


def _denied(call: Call) -> aws_errors.AccessDenied:
    return aws_errors.AccessDenied(
        f"User: {call.caller.principal} is not authorized to perform: "
        f"redshift:{call.operation} on resource: {call.resource}"
    )
