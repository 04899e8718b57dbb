"""Whether a server answers on its socket: the opening of PostgreSQL's protocol, without a client library."""

from __future__ import annotations

import enum
import socket
import struct
from pathlib import Path

PROTOCOL_3 = 196608
CANNOT_CONNECT_NOW = b"C57P03\0"
SECONDS_TO_ANSWER = 5
LONGEST_OPENING = 65_536


class Answer(enum.Enum):
    """What came back."""

    NOTHING = "nobody listens"
    STARTING = "it listens and is still starting, recovering or stopping"
    READY = "it takes connections"


def ask(path: Path, *, user: str) -> Answer:
    """Open a connection at a socket's path and close it again.

    Args:
        path: the socket itself (``…/.s.PGSQL.5432``).
        user: a role that exists; it is let in by trust.
    """
    wanted = f"user\0{user}\0database\0postgres\0application_name\0bangfu\0\0".encode()
    opening = struct.pack("!ii", len(wanted) + 8, PROTOCOL_3) + wanted
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(SECONDS_TO_ANSWER)
            line.connect(str(path))
            line.sendall(opening)
            heard = _hear(line)
            if heard.startswith(b"R"):
                line.sendall(struct.pack("!ci", b"X", 4))
    except TimeoutError:
        return Answer.STARTING
    except OSError:  # no socket, nobody behind it, or the path is over the limit
        return Answer.NOTHING
    if not heard:
        return Answer.NOTHING
    # Any other complaint (too many clients) comes from a server that is up.
    return Answer.STARTING if CANNOT_CONNECT_NOW in heard else Answer.READY


def _hear(line: socket.socket) -> bytes:
    """The server's words up to "ready for query" or its refusal."""
    heard = b""
    while len(heard) < LONGEST_OPENING:
        part = line.recv(4096)
        heard += part
        if not part or heard.startswith(b"E") or heard[-6:-1] == b"Z\0\0\0\5":
            break
    return heard
