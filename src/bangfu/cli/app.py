"""The commands by name. Nothing heavy loads here: each command imports what it calls when it is called."""

from __future__ import annotations

from typing import Annotated

import typer

from bangfu import __version__
from bangfu.cli.county import register as register_county
from bangfu.cli.language import say
from bangfu.cli.money import register as register_money
from bangfu.cli.options import Language
from bangfu.cli.packs import register as register_packs
from bangfu.cli.review import register as register_review
from bangfu.cli.site import register as register_site

app = typer.Typer(
    name="bangfu",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=say(
        "帮扶小额信贷：每一个数都精确到分，每一个数都有条款依据。",
        "Policy microcredit: every number exact to the fen, every number with its clause.",
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _everywhere(
    *,
    _lang: Language = None,
    _wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("版本", "Version"))
    ] = False,
) -> None:
    """Options before the command: the language is settled before this runs."""


register_packs(app)
register_review(app)
register_money(app)
register_county(app)
register_site(app)
