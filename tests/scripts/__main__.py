"""`python -m tests.scripts`: run the acceptance scenarios, write docs/compat/scenarios.md."""

from __future__ import annotations

import sys

import pytest

from tests.scripts.scenarios import PAGE, page


class Results:
    """Remembers how each test ended, without its parameters as well as with them."""

    def __init__(self) -> None:
        self.by_test: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test failed if any part or any case of it did."""
        for test in {report.nodeid, report.nodeid.partition("[")[0]}:
            if report.failed:
                self.by_test[test] = "fails"
            elif report.skipped:
                self.by_test.setdefault(test, "skipped")
            elif report.when == "call":
                self.by_test.setdefault(test, "passes")


def main() -> int:
    """The exit code of the tests."""
    results = Results()
    code = pytest.main(["-q", "-m", "scenario", "tests", *sys.argv[1:]], plugins=[results])
    PAGE.write_text(page(results.by_test))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
