"""The site's folder for a command: named before Django looks, its server held, its troubles put into words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bangfu.casework.words import Words
from bangfu.cli.language import say, spoken
from bangfu.cli.output import BadInput
from bangfu.postgres import NoServer
from bangfu.web.making import cluster_of, start_django
from bangfu.web.site import HOME, Site


def named(home: Path | None) -> Site:
    """The site of a folder (``BANGFU_HOME``, else ``./site``); every process started from here finds it too."""
    if home is not None:
        os.environ[HOME] = str(home)
    os.environ[HOME] = str(Path(os.environ.get(HOME, "site")).expanduser().absolute())
    return Site.here()


def made(home: Path | None) -> Site:
    """The site of a folder in which ``bangfu init`` was run.

    Raises:
        BadInput: It was not.
    """
    site = named(home)
    if not (site.home / "site.json").is_file():
        where = site.home
        raise BadInput(
            say(
                f"{where} 里还没有站点，请先运行 bangfu init --home {where}",
                f"there is no site in {where}; run first: bangfu init --home {where}",
            )
        )
    return site


@contextmanager
def serving(site: Site) -> Iterator[None]:
    """The embedded server for a while; stopped at the end where this started it. Troubles become words.

    Raises:
        BadInput: What went wrong, for the person at the keyboard.
    """
    with worded(), ExitStack() as stack:
        if site.embedded:
            stack.enter_context(cluster_of(site).held())
        yield


@contextmanager
def opened(home: Path | None) -> Iterator[Site]:
    """A made site with its server and Django ready."""
    site = made(home)
    with serving(site):
        ready()
        yield site


def ready() -> None:
    """Django with the site's settings, speaking as the command line does."""
    start_django()
    from django.utils import translation

    translation.activate("zh-hans" if spoken() == "zh" else "en")


def moment() -> datetime:
    """Now, at the edge where it may be read."""
    return datetime.now(UTC)


@contextmanager
def worded() -> Iterator[None]:
    """Whatever the site refuses, as a sentence."""
    try:
        yield
    except NoServer as none:
        raise BadInput(none.sentence(spoken())) from none
    except ValueError as wrong:
        if "postgresql://" not in str(wrong):
            raise
        raise BadInput(_address_words()) from None
    except Exception as error:
        words = _words_of(error)
        if not words:
            raise
        raise BadInput(words) from error


def _words_of(error: BaseException) -> str:
    """The words of casework's own refusals and of an unreachable database; empty for anything else."""
    if isinstance(getattr(error, "zh", None), str) and isinstance(getattr(error, "en", None), str):
        return say(error.zh, error.en)  # type: ignore[attr-defined]
    words = getattr(error, "words", None)
    if isinstance(words, Words):
        about = {"field": error.field} if getattr(error, "field", "") else {}  # type: ignore[attr-defined]
        told = about | dict(getattr(error, "facts", {}))
        facts = ", ".join(f"{name}: {value}" for name, value in told.items())
        return say(words.zh, words.en) + (f" ({facts})" if facts else "")
    if type(error).__name__ == "OperationalError":
        first = str(error).strip().partition("\n")[0]
        return say(f"连不上数据库：{first}", f"the database cannot be reached: {first}")
    return ""


def _address_words() -> str:
    return say(
        "DATABASE_URL 应形如 postgresql://用户:口令@主机:端口/数据库",
        "DATABASE_URL must look like postgresql://user:password@host:port/database",
    )
