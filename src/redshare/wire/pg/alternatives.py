"""Several passwords that are right for one login: whichever fits the client's answer.

Their verifiers have one salt and their exchanges one nonce, so that all ask the same of the client.
It must not know whose passwords they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from redshare.wire.pg.auth import Accepted, Continue, Exchange, Outcome, Refused
from redshare.wire.pg.messages import AuthenticationMessage


class Alternatives:
    """An Exchange over others; `accepted` is the place of the one that was right."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        if not exchanges:
            raise ValueError("no exchange")
        if len({exchange.challenge() for exchange in exchanges}) > 1:
            raise ValueError("exchanges that ask differently")
        self._exchanges = exchanges
        self.accepted: int | None = None

    def challenge(self) -> bytes:
        return self._exchanges[0].challenge()

    def answer(self, message: AuthenticationMessage) -> Outcome:
        outcome: Outcome = Refused("no password fits")
        for place, exchange in enumerate(self._exchanges):
            found = exchange.answer(message)
            match found:
                case Accepted():
                    self.accepted = place
                    return found
                case Continue():
                    outcome = found
        return outcome
