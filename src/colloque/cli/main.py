"""`colloque`: the command line."""

from __future__ import annotations

from pathlib import Path

import click

from colloque.cli import backup_commands, group_commands, message_commands, people_commands, relay_commands


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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


for _command in (
    people_commands.init,
    people_commands.invite,
    people_commands.card,
    people_commands.accept,
    people_commands.contacts,
    people_commands.verify,
    people_commands.block,
    message_commands.send,
    message_commands.receive,
    message_commands.history,
    message_commands.status,
    message_commands.save,
    message_commands.retract,
    group_commands.group,
    backup_commands.backup,
    backup_commands.restore,
    relay_commands.relay,
):
    main.add_command(_command)


if __name__ == "__main__":
    main()
