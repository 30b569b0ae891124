"""COPY: read the files, keep what passes, give it to the engine, say how many rows it was.

https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
"""

from __future__ import annotations

from dataclasses import replace

from redshare.app.loading import dates
from redshare.app.loading.csv_rows import Csv
from redshare.app.loading.delimited import Delimited
from redshare.app.loading.fixed_width import FixedWidth
from redshare.app.loading.json_rows import Json, by_name, by_path
from redshare.app.loading.load import Cut, Load
from redshare.app.loading.passed import PassedRows
from redshare.app.loading.report import Report
from redshare.app.loading.source import small_file, sources
from redshare.app.sessions.answer import Answer, Notice
from redshare.app.sessions.session import SqlSession
from redshare.core.s3 import ObjectKeys, ObjectUrl
from redshare.core.sql_errors import ReadOnlyTransaction, SerializationFailure, SqlError
from redshare.ports import Objects
from redshare.sql.commands.copy import Copy
from redshare.sql.commands.copy_readers import DEFAULT_NULL
from redshare.sql.copy import LoadTarget, bind_copy, copy_target


def copy(session: SqlSession, command: Copy, objects: Objects) -> Answer:
    """Raises LoadFailed, ObjectStoreError and what binding raises."""
    command.check()
    url = ObjectUrl.parse(command.source)
    dates.check(command.options.date_format, command.options.time_format)
    if session.transaction is not None and session.transaction.read_only:
        raise ReadOnlyTransaction(command.tag)
    place = copy_target(command, session.context())
    keys = command.authorization.keys()
    cut = _cut(command, place, objects, keys)
    files = sources(objects, url, keys, manifest=command.options.manifest)
    name = place.found.relation.name
    with Report(session, command, place, files) as report:
        load = Load(place, command.options, objects, keys, cut, report)
        with PassedRows(load.schema) as passed:
            load.read(files, passed)
            passed.done()
            loaded = 0 if command.options.no_load else passed.rows
            if loaded:
                _insert(session, command, place, passed)
        report.loaded(loaded)
    state = session.state
    state.last_transfers = replace(state.last_transfers, copy_id=report.query, copy_count=loaded)
    notices = [f"Load into table '{name}' completed, {loaded} record(s) loaded successfully."]
    if load.errors:
        notices.append(
            f"Load into table '{name}' completed, {load.errors} record(s) could not be loaded.  "
            "Check 'stl_load_errors' system table for details."
        )
    if load.replaced:
        notices.append(
            f"Load into table '{name}' completed, {load.replaced} record(s) were loaded with "
            "replacements made for ACCEPTINVCHARS.  Check 'stl_replacements' system table for "
            "details."
        )
    told = tuple(Notice(notice, severity="INFO") for notice in notices)
    return Answer(command.tag, notices=told)


def _insert(session: SqlSession, command: Copy, read: LoadTarget, passed: PassedRows) -> None:
    """Bound again: names and rights are those of now, not of before the reading."""
    context = session.context()
    place = copy_target(command, context)
    if (place.found.lake, place.stored) != (read.found.lake, read.stored):
        raise SerializationFailure("the table was altered during the load")
    rows, new_id = passed.batches, session.work.ids.hex
    session.run_bound(bind_copy(place, context, passed.schema, rows, new_id=new_id))


def _cut(command: Copy, place: LoadTarget, objects: Objects, keys: ObjectKeys | None) -> Cut | None:
    options = command.options
    null = DEFAULT_NULL if options.null_as is None else options.null_as
    match options.format:
        case "parquet":
            return None
        case "csv":
            return Csv(options.delimiter or ",", options.quote or '"', null_as=null)
        case "fixedwidth":
            return FixedWidth(options.format_argument or "", len(place.fields), null_as=null)
        case "json":
            return _json(options.format_argument or "auto", place, objects, keys)
        case _:
            return Delimited(
                options.delimiter or "|",
                null_as=null,
                escape=options.escape,
                remove_quotes=options.remove_quotes,
            )


def _json(how: str, place: LoadTarget, objects: Objects, keys: ObjectKeys | None) -> Json:
    columns = place.fields
    match " ".join(how.lower().split()):
        case "auto":
            return Json(by_name(columns))
        case "auto ignorecase":
            return Json(by_name(columns, ignore_case=True))
        case "noshred":
            if [column.type for column in columns] != ["super"]:
                message = "JSON 'noshred' loads into a table or column list of one SUPER column"
                raise SqlError(message, "42601")
            return Json(None)
    if not how.startswith("s3://"):
        raise SqlError(f"Invalid JSON option '{how[:100]}': auto or an s3:// path", "22023")
    file = small_file(objects, ObjectUrl.parse(how), keys)
    return Json(by_path(file, columns))
