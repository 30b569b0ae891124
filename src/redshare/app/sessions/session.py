"""An SQL session: the way of one statement from its text to its answer.

Whoever speaks to the client (a wire, the Data API) gives texts and parameters and gets answers.
Every execution is bound against the newest catalogue (app/sessions/plans.py): nothing a
statement was once allowed counts under another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.cursors import Cursors
from redshare.app.sessions.execution import Execution
from redshare.app.sessions.history import QueryEntry
from redshare.app.sessions.prepared import (
    EMPTY,
    Description,
    Prepared,
    filled,
    placeholders,
    shared,
)
from redshare.app.sessions.running import is_public
from redshare.app.sessions.state import SessionState
from redshare.app.sessions.temporary import TemporaryObjects
from redshare.app.sessions.transaction import Transaction
from redshare.app.sessions.transactions import Transactions
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Change
from redshare.core.database import Database
from redshare.core.errors import RedshareError
from redshare.core.ids import NamespaceId, SchemaId
from redshare.core.sql_errors import (
    InFailedTransaction,
    QueryCanceled,
    SerializationFailure,
    ShareRefusal,
    SqlError,
    UndefinedDatabase,
)
from redshare.core.warehouse import Warehouse
from redshare.ports import EngineSession, Spools
from redshare.sql.activity import QueryRecord
from redshare.sql.bind import bind
from redshare.sql.bound import Bound
from redshare.sql.commands import Command
from redshare.sql.commands.cursor import DeclareCursor
from redshare.sql.commands.session import Set
from redshare.sql.commands.transaction import Commit, Rollback
from redshare.sql.context import SqlContext
from redshare.sql.late_binding import late_columns
from redshare.sql.lex import Statement
from redshare.sql.result import ResultColumn

log = structlog.get_logger(__name__)

#: A governance statement of its own that lost to another commit is simply done again, as often.
ATTEMPTS = 50


class CommandRunner(Protocol):
    """What executes the product's own statements (app/commands)."""

    def run(self, session: SqlSession, command: Command) -> Answer:
        """Execute a command whose placeholders are filled in."""

    def describe(self, session: SqlSession, command: Command) -> tuple[ResultColumn, ...] | None:
        """The columns of its rows, None without any; nothing is executed."""

    def made(self, session: SqlSession, statement: Statement, bound: Bound) -> None:
        """A statement that is no command has run and made something: the audit keeps it."""

    def refused(self, session: SqlSession, statement: Statement, error: SqlError) -> None:
        """One that is no command failed: of one that would make something the audit keeps it."""


class SqlSession:
    """One client's session on one warehouse. Used by one thread, but for cancel()."""

    def __init__(
        self,
        work: Work,
        engine: EngineSession,
        commands: CommandRunner,
        spools: Spools,
        *,
        warehouse: Warehouse,
        state: SessionState,
        session_id: int,
    ) -> None:
        self.temporary = _temporary(work, warehouse, state, session_id)
        self.work = work
        self.warehouse = warehouse
        self.state = state
        self.session_id = session_id
        #: By name: those of PREPARE and those of the wire, as one client sees them.
        self.prepared: dict[str, Prepared] = {}
        self.cursors = Cursors(spools)
        self.transactions = Transactions(work, engine, warehouse, state, self.temporary)
        self._execution = Execution(work, engine, warehouse, self.transactions)
        self._execution.before_run = self.cursors.park
        self._execution.query = lambda: self.running
        self.transactions.before_commit = self.cursors.before_commit
        self.transactions.ended = self.cursors.transaction_ended
        self._engine = engine
        self._commands = commands
        self._open: Answer | None = None
        self._canceled = False
        #: The statement that runs, or ran last, in the history.
        self.entry: QueryEntry | None = None
        #: The catalogue that was last looked at, with the session's own objects laid over.
        self.seen: Catalog | None = None

    # --- what the session is --------------------------------------------------------------

    @property
    def namespace(self) -> NamespaceId:
        """The namespace it works on."""
        return self.warehouse.namespace

    @property
    def status(self) -> str:
        """PostgreSQL's transaction indicator: I, T or E."""
        return self.transactions.status

    @property
    def running(self) -> QueryRecord | None:
        """The statement that runs, or ran last."""
        return None if self.entry is None else self.entry.record

    @property
    def transaction(self) -> Transaction | None:
        """The open transaction."""
        return self.transactions.open

    @property
    def block(self) -> bool:
        """Whether several statements of one text are one transaction, though nobody said BEGIN."""
        return self.transactions.block

    @block.setter
    def block(self, block: bool) -> None:
        self.transactions.block = block

    def context(self) -> SqlContext:
        """What a statement is bound against, now. Raises UndefinedDatabase, SqlError."""
        catalog = self.seen = self.transactions.catalog()
        namespace = catalog.namespace(self.namespace)
        database = catalog.database(self.state.database)
        if namespace is None or database is None:
            raise UndefinedDatabase("of this session")
        user = catalog.user_by_id(self.namespace, self.state.user)
        if user is None:
            raise SqlError("the session's user was dropped", "28000")
        logged_in = catalog.user_by_id(self.namespace, self.state.session_user)
        use = None if self.state.use is None else self._used(catalog.database(self.state.use))
        return SqlContext(
            catalog=catalog,
            namespace=namespace,
            database=database,
            user=user,
            search_path=self.state.search_path,
            use=use,
            case_sensitive=self.state.case_sensitive,
            settings=self.state.effective,
            publicly_accessible=is_public(catalog, self.warehouse.warehouse_id),
            session_id=self.session_id,
            last_transfers=self.state.last_transfers,
            loads=lambda: self.work.loads.history(self.namespace),
            activity=self.work.history,
            share_log=self.work.share_log,
            late_columns=late_columns,
            session_user=user.name if logged_in is None else logged_in.name,
            login=f"{self.namespace}/{self.state.session_user}",
            login_groups=self.state.groups,
            temporary=self.temporary.schema,
        )

    @staticmethod
    def _used(database: Database | None) -> Database:
        if database is None:
            raise UndefinedDatabase("of USE")
        return database

    def configure(self, name: str, value: str) -> None:
        """What a client's startup packet sets, and RESET goes back to. Raises SqlError."""
        self._commands.run(self, Set(name.lower(), (value,)))
        self.state.initial = dict(self.state.settings)

    # --- the way of a statement -----------------------------------------------------------

    def parse(
        self, text: str, types: Sequence[str | None] = (), *, named: bool = False
    ) -> Prepared:
        """One statement. Raises SqlSyntaxError and its like; several are an error here.

        One that is `named` outlives what it was prepared on, and is told so when it is executed.
        What names nothing that is there is refused now, not when it is described: after a refused
        Parse a client (redshift_connector) gives the same name to its next statement.
        """
        try:
            found = self._single(self.work.plans.statements(text), tuple(types))
            if found.statement is not None and found.command is None:
                if self.transactions.failed:
                    raise InFailedTransaction
                bound = self._bound(found, found.statement)
                return self.kept(found, bound) if named else found
        except SqlError:
            self.transactions.fail()
            raise
        return found

    def _single(self, statements: Sequence[Statement], types: tuple[str | None, ...]) -> Prepared:
        if len(statements) > 1:
            raise SqlError("cannot insert multiple commands into a prepared statement", "42601")
        return self.prepare(statements[0], types) if statements else EMPTY

    def prepare(self, statement: Statement, types: tuple[str | None, ...] = ()) -> Prepared:
        """A statement inside another one, taken apart."""
        fold = not self.state.case_sensitive
        return Prepared(statement, self.work.plans.command(statement, fold=fold), types)

    def kept(self, prepared: Prepared, bound: Bound) -> Prepared:
        """A statement as it is kept under a name, with what it now reaches through shares."""
        assert self.seen is not None, "it was just bound"
        return replace(prepared, shared=shared(self.seen, bound.uses))

    def describe(self, prepared: Prepared, values: Sequence[object] = ()) -> Description:
        """Parameters and rows of a statement, without executing it; `values` if they are known."""
        try:
            if prepared.statement is None:
                return Description(())
            if prepared.command is not None:
                return self._describe_command(prepared, prepared.command)
            bound = self.bind(prepared, values)
            rows = bound.plan is not None and bound.plan.returns_rows
            return Description(bound.parameters, self._named(bound.columns) if rows else None)
        except SqlError:
            self.transactions.fail()
            raise

    def _named(self, columns: tuple[ResultColumn, ...] | None) -> tuple[ResultColumn, ...] | None:
        """A SELECT's columns under the names that the session wants to see."""
        if not self.state.uppercase_names or columns is None:
            return columns
        return tuple(replace(column, name=column.name.upper()) for column in columns)

    def _describe_command(self, prepared: Prepared, command: Command) -> Description:
        types = self._placeholders(prepared, command)
        command = self._filled(prepared, command, ("",) * len(types))
        return Description(types, self._commands.describe(self, command))

    def _placeholders(self, prepared: Prepared, command: Command) -> tuple[str, ...]:
        """Those of a cursor are its query's; psycopg 3 binds them when it declares one."""
        if isinstance(command, DeclareCursor):
            return self.parameters(self.prepare(command.body, prepared.parameter_types))
        return placeholders(command)

    def _filled(self, prepared: Prepared, command: Command, values: Sequence[object]) -> Command:
        if isinstance(command, DeclareCursor):
            return replace(command, types=prepared.parameter_types, values=tuple(values))
        return filled(command, values, case_sensitive=self.state.case_sensitive)

    def parameters(self, prepared: Prepared) -> tuple[str, ...]:
        """Redshift's names of the types of a statement's parameters."""
        if prepared.statement is None:
            return ()
        if prepared.command is not None:
            return self._placeholders(prepared, prepared.command)
        return self.bind(prepared).parameters

    def script(self, text: str) -> Iterator[Answer]:
        """Every statement of a text, in one transaction unless the text says otherwise."""
        try:
            statements = self.work.plans.statements(text)
        except SqlError:
            self.transactions.fail()
            raise
        self.block = len(statements) > 1
        try:
            for position, statement in enumerate(statements):
                last = position == len(statements) - 1
                try:
                    prepared = self.prepare(statement)
                except SqlError:
                    self.transactions.fail()
                    raise
                yield self.execute(prepared, last=last)
        finally:
            self.block = False

    def execute(
        self, prepared: Prepared, parameters: Sequence[object] = (), *, last: bool = False
    ) -> Answer:
        """Run a statement. `last`: nothing follows before sync(), so it may commit at once."""
        self.close_open()
        self._canceled = False
        entry = self.work.history.began(self, prepared)
        self.entry = entry
        try:
            answer = self._execute(prepared, tuple(parameters))
            if answer.tag == "SELECT":
                answer.columns = self._named(answer.columns)
            if last and not answer.has_rows:
                self.sync()
        except SqlError as error:
            self.transactions.fail()
            entry.failed(error)
            raise
        self._open = entry.followed(self, answer)
        return answer

    def sync(self) -> None:
        """The end of a simple query or of a pipeline: what nobody began is committed."""
        self.close_open()
        self.transactions.commit_implicit()

    def check_open(self, answer: Answer) -> None:
        """Before more of an answer is sent. Raises ShareNotAccessible."""
        if answer.check is not None:
            try:
                answer.check()
            except SqlError:
                self.transactions.fail()
                raise

    def close_open(self) -> None:
        """Give up the rows of the last answer that were not read."""
        answer, self._open = self._open, None
        if answer is not None:
            answer.close()

    def _execute(self, prepared: Prepared, parameters: tuple[object, ...]) -> Answer:
        if self.transactions.failed and not isinstance(prepared.command, Commit | Rollback):
            raise InFailedTransaction
        if prepared.statement is None:
            return Answer("")
        if prepared.command is None:
            return self._run_prepared(prepared, parameters)
        command = self._filled(prepared, prepared.command, parameters)
        # Never what ends or is part of a transaction: a COMMIT done again would find nothing open.
        alone = self.transaction is None
        for _ in range(ATTEMPTS):
            try:
                return self._command(command)
            except SerializationFailure:
                if not alone or self.transaction is not None:
                    raise
        raise SerializationFailure

    def _command(self, command: Command) -> Answer:
        """A command outside a transaction commits here, so that losing a race is done again."""
        answer = self._commands.run(self, command)
        if answer.commits or not (self.block or answer.has_rows):
            self.transactions.commit_implicit(tried_again=True)
        if answer.commits:
            self.transactions.commit_now()
        return answer

    def run(self, prepared: Prepared, parameters: tuple[object, ...]) -> Answer:
        """Run a statement inside another one."""
        if prepared.command is not None:
            command = self._filled(prepared, prepared.command, parameters)
            return self._commands.run(self, command)
        return self._run_prepared(prepared, parameters)

    def _run_prepared(self, prepared: Prepared, parameters: tuple[object, ...]) -> Answer:
        statement = prepared.statement
        assert statement is not None
        bound = self._bound(prepared, statement, parameters)
        if prepared.shared:
            assert self.seen is not None, "it was just bound"
            prepared.require_fresh(self.work.catalog(), self.seen, self.namespace)
        try:
            answer = self.run_bound(bound, parameters)
        except SqlError as error:
            self._commands.refused(self, statement, error)
            raise
        if bound.changes or bound.plan is None:
            self._commands.made(self, statement, bound)
        return answer

    def _bound(
        self, prepared: Prepared, statement: Statement, values: Sequence[object] = ()
    ) -> Bound:
        """As bind, of a statement that is to run: what would make something leaves its row."""
        try:
            return self.bind(prepared, values)
        except SqlError as error:
            self._commands.refused(self, statement, error)
            raise

    def bind(self, prepared: Prepared, values: Sequence[object] = ()) -> Bound:
        """What a statement of the engine comes to, now, or came to in the same world before."""
        statement, context = prepared.statement, self.context()
        assert statement is not None

        def anew() -> Bound:
            return bind(
                statement,
                context,
                new_id=self.work.ids.hex,
                now=self.work.clock.now(),
                parameter_types=prepared.parameter_types,
                values=values,
            )

        newest = self.work.catalog()
        try:
            return self.work.plans.bound(
                statement, context, newest, prepared.parameter_types, values, anew
            )
        except ShareRefusal as error:
            number = 0 if self.transaction is None else self.transaction.number
            asking = (self.session_id, self.state.user, number)
            self.work.usage.refused(asking, context.namespace, newest, error)
            raise

    def run_bound(self, bound: Bound, parameters: tuple[object, ...] = ()) -> Answer:
        """Run what a statement was translated to."""
        if bound.plan is not None and bound.plan.applied and self.entry is not None:
            self.entry.applied(bound.plan.applied)
        timeout = int(self.state.effective.get("statement_timeout", "0")) / 1000
        return self._execution.run(bound, parameters, timeout)

    # --- transactions ---------------------------------------------------------------------

    def change(self, tag: str, *changes: Change) -> None:
        """Add governance changes to the transaction. Raises ReadOnlyTransaction."""
        self.transactions.change(tag, *changes)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something once the transaction is durable."""
        self.transactions.writing().afterwards.append(action)

    def forbid_block(self, statement: str) -> None:
        """Raises ActiveTransaction inside a transaction block."""
        self.transactions.forbid_block(statement)

    # --- from outside ---------------------------------------------------------------------

    def cancel(self) -> None:
        """End the running statement; from any thread."""
        self._canceled = True
        self._engine.cancel()

    def check_canceled(self) -> None:
        """Where a statement works without the engine. Raises QueryCanceled."""
        if self._canceled:
            raise QueryCanceled

    def close(self) -> None:
        """Roll back, drop what was temporary and let go."""
        self.close_open()
        self.cursors.close_all()
        self.transactions.rollback()
        try:
            self.transactions.drop_temporary()
        except RedshareError as error:
            # The next start of the node finds what is left in the lake.
            log.info("temporary tables are left", error=error.message)
        finally:
            self._engine.close()


def _temporary(
    work: Work, warehouse: Warehouse, state: SessionState, session_id: int
) -> TemporaryObjects:
    """In the connected database, or where that is a shared one in the namespace's own first."""
    catalog = work.catalog()
    database = catalog.database(state.database)
    if database is not None and database.source is not None:
        namespace = catalog.namespace(warehouse.namespace)
        name = namespace.default_database if namespace is not None else ""
        database = catalog.database_named(warehouse.namespace, name)
    place = None if database is None or database.source is not None else database.database_id
    return TemporaryObjects(SchemaId(work.ids.hex()), place, state.user, session_id)
