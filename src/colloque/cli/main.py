"""`colloque`: the command line."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Final

import click

from colloque.cli import streams
from colloque.cli.exits import Exit
from colloque.cli.help import CODES, help_, translate
from colloque.cli.visible import lines
from colloque.cli.words import french, say

_COMMANDS: Final = {
    "init": "people_commands",
    "token": "people_commands",
    "invite": "people_commands",
    "card": "people_commands",
    "accept": "people_commands",
    "contacts": "people_commands",
    "verify": "people_commands",
    "block": "people_commands",
    "send": "message_commands",
    "receive": "message_commands",
    "history": "message_commands",
    "status": "message_commands",
    "save": "message_commands",
    "retract": "message_commands",
    "group": "group_commands",
    "desk": "desk_commands",
    "recovery-sheet": "desk_commands",
    "backup": "backup_commands",
    "restore": "backup_commands",
    "relay": "relay_commands",
    "verify-page": "page_commands",
}


class Commands(click.Group):
    """Loads a command's module when it is asked for: a lab sends a thousand results without loading a relay."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return [*_COMMANDS, "help"]

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name == "help":
            return translate(help_)
        module = _COMMANDS.get(name)
        if module is None:
            return None
        try:
            command: click.Command = getattr(
                importlib.import_module(f"colloque.cli.{module}"), name.replace("-", "_")
            )
        except ModuleNotFoundError as error:
            words = say("A part of this program is missing: {name}. Set it up again.", name=error.name)
            raise click.ClickException(words) from None
        return translate(command)


def _complain(error: click.ClickException, as_json: bool) -> int:
    if as_json:
        streams.write(json.dumps({"error": error.format_message(), "code": error.exit_code}) + "\n")
        return error.exit_code
    usage = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        usage = f"{error.ctx.get_usage()}\n{error.ctx.command_path} --help\n\n"
    streams.aside(usage + lines(error.format_message()) + "\n")
    return error.exit_code


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), default=None, help="Which identity's home."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.version_option(package_name="colloque")
def colloque(home: Path | None, as_json: bool) -> None:
    """Private talk between health professionals, over a relay that can read nothing."""
    del home, as_json


def main() -> None:
    """However a command ends: a sentence and a number, and no traceback for what is in nobody's program."""
    given = sys.argv[1:]
    colloque.epilog = f"\b\n{CODES[french()]}"
    translate(colloque)
    streams.prepare()
    try:
        code = _run(given)
        streams.write("")
    except streams.OutputGone as gone:
        streams.abandon(sys.stdout)
        if not gone.unread:
            streams.aside(say("The output cannot be written: {why}", why=gone) + "\n")
        code = Exit.UNREAD if gone.unread else Exit.ERROR
    sys.exit(int(code))


def _run(given: list[str]) -> int:
    stdout = sys.stdout
    try:
        code = colloque.main(given, "colloque", standalone_mode=False)
    except click.ClickException as error:
        return _complain(error, "--json" in given)
    except (click.Abort, KeyboardInterrupt):
        return Exit.STOPPED
    except SystemExit as end:
        if sys.stdout is not stdout:
            # Click puts another one in place of a pipe that nobody reads.
            return Exit.UNREAD
        code = end.code
    except OSError as error:
        raise streams.OutputGone(error) from error
    return code if isinstance(code, int) else Exit.DONE


if __name__ == "__main__":
    main()
