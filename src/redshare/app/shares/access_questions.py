"""GET /explain: what an account may know of why a consumer reaches an object, or does not.

The account asks as the administrator of its namespaces. Another account's shares are there for it
as far as DescribeDataShares shows them, another account's namespaces and users never.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from redshare.app.caller import Caller
from redshare.app.shares.parameters import arns, datashare_arn
from redshare.app.work import Work
from redshare.core import aws_errors, sql_errors
from redshare.core.catalog import Catalog
from redshare.core.consents import NamedConsumer, Target
from redshare.core.explanation import Action, Explanation
from redshare.core.ids import MalformedId
from redshare.core.namespace import Namespace
from redshare.core.share import Datashare
from redshare.core.user import User
from redshare.core.visibility import view
from redshare.sql.commands import parse_command
from redshare.sql.commands.data import ExplainAccess
from redshare.sql.context import SqlContext
from redshare.sql.late_binding import late_columns
from redshare.sql.lex import split
from redshare.sql.why import ConsumerQuestion, ProducerQuestion, Sight


@dataclass(frozen=True, slots=True)
class AccessQuestion:
    """The parameters of GET /explain, as they came.

    The object is named as the consumer's SQL names it where the consumer is a namespace of the
    caller's account; else, and with `producer`, as in the producer's own database.
    """

    consumer: str
    object: str
    user: str | None = None
    action: str = Action.SELECT
    producer: str | None = None
    datashare: str | None = None


class AccessQuestions:
    """Answers from the newest catalogue; nothing is changed."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def explain(self, caller: Caller, question: AccessQuestion) -> Explanation:
        """Raises InvalidParameterValue, InvalidParameterCombination, InvalidNamespace,
        InvalidDataShare.
        """
        return _Asked(self._work, caller, question).explain()


class _Asked:
    """One question of one account."""

    def __init__(self, work: Work, caller: Caller, question: AccessQuestion) -> None:
        self._catalog: Catalog = work.catalog()
        self._now = work.clock.now()
        self._caller = caller
        self._question = question
        self._name = _object(question.object)
        self._action = _action(question.action)
        self._share = None if question.datashare is None else self._visible(question.datashare)

    def explain(self) -> Explanation:
        """The conditions, as the account sees them."""
        question, account = self._question, self._caller.account
        named = _consumer("consumer", question.consumer)
        if named.account is not None and named.account != account:
            if question.user is not None:
                raise aws_errors.InvalidParameterCombination(
                    "as names a user of the consumer, which is another account's."
                )
            return self._of_producer(self._producer(), Target(named.account, arn=named.arn), None)
        given = None if question.producer is None else self._producer()
        namespace = self._consumer_namespace(named, given)
        sight = self._sight(namespace)
        if given is None:
            name, share = self._name, self._share
            return ConsumerQuestion(sight, name, self._action, share).explain()
        if given == namespace:
            raise aws_errors.InvalidParameterCombination(
                "A namespace does not consume its own datashare."
            )
        target = Target(account, namespace, inside=True, whole=named.namespace is None)
        return self._of_producer(given, target, sight)

    def _of_producer(self, producer: Namespace, target: Target, sight: Sight | None) -> Explanation:
        share = self._share
        if share is not None and share.namespace != producer.namespace_id:
            raise aws_errors.InvalidParameterCombination(
                "The datashare is not one of the producer's namespace."
            )
        asker = self._administrator(producer)
        return ProducerQuestion(asker, self._name, target, self._action, sight, share).explain()

    # --- the parameters -------------------------------------------------------------------

    def _visible(self, text: str) -> Datashare:
        share = self._catalog.datashare_of(datashare_arn("explain", text))
        account = self._caller.account
        if share is None or (
            share.account != account and view(share, account, arns(self._catalog)) is None
        ):
            raise aws_errors.DatashareArnUnknown("explain", text)
        return share

    def _own(self, named: NamedConsumer, text: str) -> Namespace:
        found = None if named.namespace is None else self._catalog.namespace(named.namespace)
        if found is None or found.account != self._caller.account:
            raise aws_errors.InvalidNamespace(f"The namespace {text} doesn't exist.")
        return found

    def _producer(self) -> Namespace:
        """The namespace whose object is meant: the given one, or the only one that has it."""
        text = self._question.producer
        if text is not None:
            return self._own(_consumer("producer", text), text)
        if self._share is not None:
            found = self._catalog.namespace(self._share.namespace)
            if found is not None and found.account == self._caller.account:
                return found
        own = list(self._catalog.namespaces(self._caller.account))
        for having in (self._has_object, self._has_database):
            found_all = [namespace for namespace in own if having(namespace)]
            if len(found_all) == 1:
                return found_all[0]
        raise aws_errors.InvalidParameterValue(
            f"object: not exactly one namespace of yours has {self._question.object}: "
            "name it with producer."
        )

    def _has_database(self, namespace: Namespace) -> bool:
        found = self._catalog.database_named(namespace.namespace_id, self._name[0])
        return found is not None and found.source is None

    def _has_object(self, namespace: Namespace) -> bool:
        catalog, (database, schema, name) = self._catalog, self._name
        within = catalog.database_named(namespace.namespace_id, database)
        inside = None if within is None else catalog.schema_named(within.database_id, schema)
        return inside is not None and catalog.relation_named(inside.schema_id, name) is not None

    def _consumer_namespace(self, named: NamedConsumer, producer: Namespace | None) -> Namespace:
        """A namespace of the caller's: the named one, or of the account the only one meant."""
        if named.namespace is not None:
            return self._own(named, self._question.consumer)
        own = [n for n in self._catalog.namespaces(self._caller.account) if n != producer]
        catalog, database = self._catalog, self._name[0]
        having = [n for n in own if catalog.database_named(n.namespace_id, database) is not None]
        for some in (own, having if producer is None else []):
            if len(some) == 1:
                return some[0]
        raise aws_errors.InvalidParameterValue(
            "consumer: your account has several namespaces: name the one that is meant."
        )

    # --- in whose name --------------------------------------------------------------------

    def _sight(self, namespace: Namespace) -> Sight:
        asker = self._administrator(namespace)
        subject, user = asker, self._question.user
        if user is not None:
            found = self._catalog.user(namespace.namespace_id, user)
            if found is None:
                raise aws_errors.InvalidParameterValue(f'as: user "{user}" does not exist.')
            subject = replace(asker, user=found)
        return Sight(asker, subject, self._now, account=True)

    def _administrator(self, namespace: Namespace) -> SqlContext:
        """A session as the account could have one in the namespace."""
        catalog, key = self._catalog, namespace.namespace_id
        databases = [d for d in catalog.databases(key) if d.source is None]
        database = next((d for d in databases if d.name == namespace.default_database), None)
        user = self._superuser(namespace)
        if not databases or user is None:
            raise aws_errors.InvalidNamespace(
                f"The namespace {namespace.arn} has no administrator."
            )
        warehouses = [w for w in catalog.warehouses(namespace.account) if w.namespace == key]
        return SqlContext(
            catalog=catalog,
            namespace=namespace,
            database=database or databases[0],
            user=user,
            publicly_accessible=bool(warehouses) and all(w.publicly_accessible for w in warehouses),
            late_columns=late_columns,
        )

    def _superuser(self, namespace: Namespace) -> User | None:
        users = [u for u in self._catalog.users(namespace.namespace_id) if u.superuser]
        return next(
            (u for u in users if u.name == namespace.admin_username), next(iter(users), None)
        )


def _object(text: str) -> tuple[str, str, str]:
    """`database.schema.object`, as SQL writes names. Raises InvalidParameterValue."""
    try:
        statements = split(f"EXPLAIN ACCESS TO {text}")
        command = parse_command(statements[0]) if len(statements) == 1 else None
    except sql_errors.SqlError as error:
        raise aws_errors.InvalidParameterValue(f"object: {error.message}.") from error
    match command:
        case ExplainAccess((database, schema, name)) if command == ExplainAccess(command.name):
            return database, schema, name
    raise aws_errors.InvalidParameterValue(f"object: {text!r} is not database.schema.object.")


def _action(text: str) -> Action:
    try:
        return Action(text.upper())
    except ValueError as error:
        names = ", ".join(action.lower() for action in Action)
        raise aws_errors.InvalidParameterValue(
            f"action: {text!r} is not one of {names}."
        ) from error


def _consumer(parameter: str, text: str) -> NamedConsumer:
    try:
        return NamedConsumer.parse(text)
    except MalformedId as error:
        raise aws_errors.InvalidParameterValue(f"{parameter}: {error}.") from error
