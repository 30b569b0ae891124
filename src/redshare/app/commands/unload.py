"""UNLOAD: a query's rows to objects, as they come.

https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from redshare.app.sessions.answer import Answer, Notice
from redshare.app.sessions.session import SqlSession
from redshare.app.unloading.files import Files, Written
from redshare.app.unloading.manifest import manifest
from redshare.app.unloading.names import Names
from redshare.app.unloading.partition import runs
from redshare.app.unloading.report import Report
from redshare.core.s3 import ObjectKeys, ObjectUrl
from redshare.core.sql_errors import InvalidObjectUrl, UnloadTargetNotEmpty
from redshare.ports import Objects
from redshare.sql.commands.unload import Unload
from redshare.sql.unload import BoundUnload, bind_unload


def unload(session: SqlSession, command: Unload, objects: Objects) -> Answer:
    """Raises UnloadTargetNotEmpty, ObjectStoreError, and what the query raises."""
    command.check()
    target = ObjectUrl.parse(command.target)
    if not target.key:
        raise InvalidObjectUrl(command.target, "a prefix is needed behind the bucket")
    bound = bind_unload(command, session.context(), new_id=session.work.ids.hex)
    with Report(session, command) as report:
        answer = session.run_bound(bound.bound)
        try:
            place = _Place(objects, target, command.authorization.keys())
            place.check_empty(command)
            written = _written(session, command, place, bound, answer)
        finally:
            answer.close()
        report.unloaded(written)
    rows = sum(file.rows for file in written)
    state = session.state
    state.last_transfers = replace(state.last_transfers, unload_id=report.query, unload_count=rows)
    notice = f"UNLOAD completed, {rows} record(s) unloaded successfully."
    return Answer(command.tag, notices=(Notice(notice, severity="INFO"),))


class _Place:
    """Where an UNLOAD goes."""

    def __init__(self, objects: Objects, target: ObjectUrl, keys: ObjectKeys | None) -> None:
        self.objects = objects
        self.target = target
        self.keys = keys

    def check_empty(self, command: Unload) -> None:
        """Raises UnloadTargetNotEmpty where neither option says what is to be done."""
        options = command.options
        if options.clean_path:
            if not options.partition_by:
                self.clean(self.target)
        elif not options.allow_overwrite:
            there = next(iter(self.objects.listed(self.target, self.keys)), None)
            if there is not None:
                raise UnloadTargetNotEmpty

    def clean(self, prefix: ObjectUrl) -> None:
        """Remove what is there."""
        for found in list(self.objects.listed(prefix, self.keys)):
            self.objects.remove(found.url, self.keys)


def _written(
    session: SqlSession, command: Unload, place: _Place, bound: BoundUnload, answer: Answer
) -> Sequence[Written]:
    options = command.options
    left_out = () if options.include else bound.partitions
    kept = [at for at in range(len(bound.columns)) if at not in left_out]
    names = Names(place.target, options)
    schema = answer.schema
    for at in reversed(left_out):
        schema = schema.remove(schema.get_field_index(bound.columns[at].name))
    columns = [bound.columns[at] for at in kept]
    files = Files(place.objects, place.keys, names, options, columns, schema)
    folders: set[str] = set()
    try:
        for batch in answer.batches:
            session.check_canceled()
            for folder, rows in runs(batch, bound.partitions):
                if folder and folder not in folders and options.clean_path:
                    place.clean(names.folder(folder))
                folders.add(folder)
                files.write(folder, rows.select(kept))
        files.done()
        if options.manifest:
            data = manifest(files.written, columns, verbose=options.verbose)
            with place.objects.write(names.manifest, place.keys) as file:
                file.write(data)
    except BaseException as error:
        files.give_up(error)
        raise
    return files.written
