"""docs/compat/scenarios.md is made by `python -m tests.scripts`."""

from __future__ import annotations

from tests.scripts.scenarios import PAGE, PENDING, TITLES, by_number, page


def test_the_page_is_current() -> None:
    """It lists the tests there are, and each of them passed when it was made."""
    passed = {test: "passes" for tests in by_number().values() for test, _way in tests}
    assert page(passed) == PAGE.read_text()


def test_every_scenario_has_a_test_or_a_reason() -> None:
    """No number is forgotten, and none is pending that has a test."""
    assert set(by_number()) ^ set(PENDING) == set(TITLES)
