"""The server's settings: for an office PC (two cores, 4 to 24 GB), and with nothing of people in its log."""

from __future__ import annotations

from pathlib import Path

FILE = "bangfu.conf"

OFFICE: tuple[tuple[str, str], ...] = (
    # Nobody but this machine's own processes, through one closed directory.
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("max_connections", "100"),
    ("password_encryption", "scram-sha-256"),
    # Memory and plans.
    ("shared_buffers", "256MB"),
    ("effective_cache_size", "1GB"),
    ("work_mem", "16MB"),
    ("maintenance_work_mem", "128MB"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("lc_messages", "C"),
    # Nothing that was confirmed is ever lost.
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("wal_level", "replica"),
    ("wal_compression", "on"),
    ("min_wal_size", "80MB"),
    ("max_wal_size", "1GB"),
    ("checkpoint_completion_target", "0.9"),
    # The log: a file a weekday, written over after a week.
    ("logging_collector", "on"),
    ("log_filename", "postgresql-%a.log"),
    ("log_file_mode", "0600"),
    ("log_rotation_age", "1d"),
    ("log_rotation_size", "0"),
    ("log_truncate_on_rotation", "on"),
    # Statements, parameters, details and even error texts carry names and numbers of people: the level `log`
    # keeps the server's own story and leaves the errors of statements to whoever sent them.
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    ("log_error_verbosity", "terse"),
    ("log_statement", "none"),
    ("log_min_duration_statement", "-1"),
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
    ("log_connections", "off"),
    ("log_line_prefix", "%m [%p] "),
)

THROWAWAY: tuple[tuple[str, str], ...] = (
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("synchronous_commit", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
)


def text(*, sockets: Path, log: Path, port: int, throwaway: bool) -> str:
    """The settings file, written anew at each start, since a folder may have moved.

    Args:
        sockets: the directory of the socket.
        log: the directory of the log.
        port: the number in the socket's name.
        throwaway: for tests only: what a crash of the machine breaks is nobody's loss.
    """
    chosen = dict(OFFICE)
    if throwaway:
        chosen.update(THROWAWAY)
    chosen["port"] = str(port)
    # A list of directories: double quotes keep a comma or a blank within one name.
    chosen["unix_socket_directories"] = '"' + str(sockets).replace('"', '""') + '"'
    chosen["log_directory"] = str(log)
    lines = [f"{name} = {quoted(value)}" for name, value in chosen.items()]
    head = (
        "# Written by bangfu at each start. Your own settings go into postgresql.conf, below its last line.\n"
    )
    return head + "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """A value as PostgreSQL's settings files take it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
