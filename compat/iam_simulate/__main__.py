"""`python -m compat.iam_simulate [CASES] [SEED]`: 0 if the two evaluators agree on every case."""

from __future__ import annotations

import json
import sys

from compat.iam_simulate.compare import differences
from compat.installed import node_client


def main(count: int, seed: int) -> int:
    """Print where they differ."""
    node_client("iam_simulate")()
    differing = list(differences(seed, count))
    for case, ours, theirs in differing[:20]:
        print(f"{ours} here, {theirs} there: {json.dumps(json.loads(case.simulation()))}\n")
    print(f"{count - len(differing)} of {count} random cases decided alike (seed {seed})")
    return 1 if differing else 0


sys.exit(main(int((sys.argv[1:] or ["24000"])[0]), int((sys.argv[2:] or ["1"])[0])))
