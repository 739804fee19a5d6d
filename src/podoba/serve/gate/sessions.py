"""What gives access: the token of the server, and the sessions that browsers got for it."""

import secrets
from collections import OrderedDict
from hashlib import sha256
from threading import Lock


def new_token() -> str:
    """A token that nobody guesses: 256 random bits."""
    return secrets.token_urlsafe(32)


class Sessions:
    """The token and the sessions of one server; both end with it.

    Sessions are kept as digests: looking one up takes no time that tells of it, and nothing that is kept opens anything.

    Args:
        token: for programs, and for the person who starts a session with the printed link.
        most: sessions at once; the one begun first makes room for another.
    """

    def __init__(self, token: str, most: int = 64) -> None:
        self._token = sha256(token.encode()).digest()
        self._most = most
        self._codes: set[bytes] = set()
        self._begun: OrderedDict[bytes, None] = OrderedDict()
        self._lock = Lock()

    def is_token(self, given: str) -> bool:
        """Whether this is the token."""
        return secrets.compare_digest(_digest(given), self._token)

    def code(self) -> str:
        """Something that begins one session in the place of the token, once: fit for a command line, which others may read."""
        made = new_token()
        self._codes.add(_digest(made))
        return made

    def begin(self, given: str) -> str | None:
        """A new session for the token, or for a code that was not used yet; None for anything else."""
        with self._lock:
            if not self.is_token(given):
                if _digest(given) not in self._codes:
                    return None
                self._codes.remove(_digest(given))
            made = new_token()
            self._begun[_digest(made)] = None
            while len(self._begun) > self._most:
                self._begun.popitem(last=False)
            return made

    def knows(self, session: str) -> bool:
        """Whether this session was begun here and not ended."""
        return _digest(session) in self._begun

    def end(self, session: str) -> None:
        """End a session; nothing happens where there is none."""
        with self._lock:
            self._begun.pop(_digest(session), None)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
