"""`colloque`: the command line."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Final

import click

_COMMANDS: Final = {
    "init": "people_commands",
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
    "backup": "backup_commands",
    "restore": "backup_commands",
    "relay": "relay_commands",
}


class Commands(click.Group):
    """Loads a command's module when it is asked for: a lab sends a thousand results without loading a relay."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        module = _COMMANDS.get(name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(f"colloque.cli.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home", type=click.Path(path_type=Path, file_okay=False), default=None, help="Which identity's home."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.version_option(package_name="colloque")
def main(home: Path | None, as_json: bool) -> None:
    """Private talk between health professionals, over a relay that can read nothing.

    \b
    Exit codes: 0 the asked state is reached; 1 an unexpected error; 2 wrongly written;
    3 kept, and still trying; 4 refused; 5 locked; 6 nobody (or more than one) of that name.
    """
    del home, as_json


if __name__ == "__main__":
    main()
