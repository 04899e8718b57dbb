"""The site's own virus scanner: a command that is given the content; any answer but 0 refuses the file."""

from __future__ import annotations

import logging
import subprocess

from django.conf import settings

from bangfu.casework.documents.types import bad
from bangfu.casework.words import Words

FOUND = Words("病毒扫描未通过", "the virus scan did not pass it")
UNABLE = Words(
    "病毒扫描程序无法运行，暂不能上传", "the virus scanner does not run; nothing can be uploaded for now"
)
_SECONDS = 60

log = logging.getLogger("bangfu.casework.documents")


def scanned(content: bytes) -> str:
    """``none`` where the site has no scanner, ``clean`` where it passed.

    Raises:
        Refused: ``bad_file`` where the scanner found something, or could not be run: unscanned is not let through.
    """
    command: tuple[str, ...] = settings.SITE.scanner
    if not command:
        return "none"
    try:
        answer = subprocess.run(  # noqa: S603 - the site's own command, without a shell; the content goes in as input
            command, input=content, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        log.exception("the virus scanner could not be run")
        raise bad(UNABLE) from None
    if answer.returncode != 0:
        raise bad(FOUND)
    return "clean"
