"""What the number means with which a command ends."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a command's number means. Nothing is kept of what ended by any but 0 and 3."""

    DONE = 0
    """The asked state is reached."""
    ERROR = 1
    """Something failed here: a file, the disk, or what nobody expected."""
    USAGE = 2
    """The command was wrongly written."""
    KEPT = 3
    """Kept, and tried again by every command that reaches the relay; of `receive`: the relay was not reached."""
    REFUSED = 4
    LOCKED = 5
    UNKNOWN = 6
    """Nobody, or more than one, has that name."""
    AGAIN = 7
    """The relay was not reached, and nothing was kept: the same command is to be run again."""
    STOPPED = 130
    """By Ctrl-C."""
    UNREAD = 141
    """Nobody reads the output any more."""
