"""Answers kept of a session: given again in the catalogue they were true in, and in no other."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from redshare.endpoints.pg.known import KnownAnswers


class World:
    """A session and the store behind it, as far as known answers look at them."""

    def __init__(self) -> None:
        self.newest: Any = object()
        self.told: list[tuple[str, Any]] = []
        history = SimpleNamespace(again=lambda *told: self.told.append(told))
        store = SimpleNamespace(catalog=lambda: self.newest)
        work = SimpleNamespace(history=history, store=store)
        self.session: Any = SimpleNamespace(
            work=work, namespace="n", entry=object(), seen=self.newest
        )


def test_given_again_and_told_to_the_history() -> None:
    world = World()
    known = KnownAnswers(world.session)
    known.keep("select 1", b"1")
    assert known.get("select 1") == b"1"
    assert known.get("select 2") is None
    assert world.told == [("n", world.session.entry)]


def test_forgotten_with_the_catalogue() -> None:
    world = World()
    known = KnownAnswers(world.session)
    known.keep("select 1", b"1")
    world.newest = object()
    assert known.get("select 1") is None
    assert world.told == []


def test_a_commit_between_the_binding_and_the_answer() -> None:
    """The answer was true in the catalogue before: nobody is given it in the new one."""
    world = World()
    known = KnownAnswers(world.session)
    world.newest = object()
    known.keep("select current_schema()", b"gone")
    assert known.get("select current_schema()") is None


def test_forget_and_bounds() -> None:
    world = World()
    known = KnownAnswers(world.session)
    known.keep("select 1", b"1")
    known.forget()
    assert known.get("select 1") is None
    known.keep("select " + "1" * 1_000, b"1")
    assert known.get("select " + "1" * 1_000) is None
    for number in range(9):
        known.keep(f"select {number}", b"1")
    assert known.get("select 0") is None
    assert known.get("select 8") == b"1"
