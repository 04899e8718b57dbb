"""Why there is no server, in both languages and with what can be done about it."""

from __future__ import annotations


class NoServer(Exception):  # noqa: N818 - an answer to the person at the keyboard, not an error of the program
    """No PostgreSQL server can be had; the message says why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en

    def sentence(self, language: str = "zh") -> str:
        """The message in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


class NoTool(NoServer):
    """The server's binaries lack a tool that was asked for, such as ``pg_dump``."""
