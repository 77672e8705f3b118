"""Whatever the command line says has a French of its own: its words, and every sentence that something raises."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest

from colloque.cli import words
from colloque.cli.help import HELP
from colloque.cli.main import colloque
from colloque.cli.message_commands import _NOTICES
from colloque.client.refusals import REFUSALS
from colloque.protocol.session.model import Phase
from tests.meta.tree import PACKAGE, name, parsed

RAISED = {
    "WireError",
    "Forged",
    "Locked",
    "Taken",
    "NotFound",
    "RelayError",
    "Unreachable",
    "UnsafeRelay",
    "TakenOver",
    "NotYet",
}

INTERNAL = {
    # Raised where envelopes are taken in, which are set aside with everything that is wrong with them.
    "wire/content/": "read from envelopes",
    "wire/envelope.py": "read from envelopes",
    "wire/hello.py": "read from envelopes",
    "wire/returning.py": "read from envelopes",
    "wire/xwing.py": "read from envelopes",
    "protocol/session/join.py": "what another end asks",
    "protocol/session/keys.py": "what another end asks",
    "protocol/session/roster.py": "what another end asks",
    # Told in other words by whoever opens a link (`client/opening.py`, `Link.decode`).
    "wire/sealed_card.py": "told by client/opening.py",
    "wire/signing.py": "told by client/opening.py",
    # Between an end and a relay: a line that speaks so is closed, and tried again.
    "wire/frames/": "told by client/relay/connection.py",
    # The relay has no French, and says nothing to people.
    "relay/": "answered by a code",
    "store/relay/": "answered by a code",
    "mls/": "has errors of its own",
}
SENTENCES_WITHIN = {
    "a card of another version": "told by client/opening.py",
    "an invitation of another version": "told by client/opening.py",
    "a link of an unknown kind": "told by Link.decode",
    "its queue is not made yet: a hello would find none": "an errand that is run again",
    "the sender's end has not brought all of this document to the relay yet": "a mover that waits",
    "a hello from myself": "what another end asks",
    "a hello for a conversation that is known already": "what another end asks",
    "too many newcomers today": "what another end asks",
    "an offer that nobody asked for": "what another end asks",
    "an effect that nobody carries out": "a mistake of this program",
    "a return for another conversation": "what another end asks",
    "a return into a group that is over": "what another end asks",
    "a return of somebody who is not in this conversation": "what another end asks",
    "a return without a Welcome": "what another end asks",
    "a renewal without a Welcome": "what another end asks",
    "the host's books lack a capability": "a mistake of this program",
    "the host's books lack a seat": "a mistake of this program",
    "a host's books of another version": "a mistake of this program",
    "a queue is offered without a capability, or with one twice": "read from envelopes",
    "a second host's key has the wrong length": "read from envelopes",
    "a field wants exactly {} bytes": "a mistake of this program",
    "a number does not fit {} bytes": "a mistake of this program",
    "a flag is neither 0 nor 1": "a decoder's: every door that people stand at tells it in other words",
    "bytes are left over": "a decoder's: every door that people stand at tells it in other words",
    "the bytes end too early": "a decoder's: every door that people stand at tells it in other words",
}


def sentences(path: Path) -> Iterator[str]:
    """Every sentence that is raised in a file, with `{}` for its gaps; those of a table of words too."""
    constants = {
        target.id: node.value.value
        for node in parsed(path).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Assign(targets=[ast.Name(id="_WORDS")], value=ast.Dict(values=values)):
                yield from (str(value.value) for value in values if isinstance(value, ast.Constant))
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        if node.func.id not in RAISED:
            continue
        match node.args[0]:
            case ast.Constant(value=str(sentence)):
                yield sentence
            case ast.JoinedStr(values=values):
                yield "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values)
            case ast.Name(id=constant) if constant in constants:
                yield constants[constant]


def test_every_sentence_that_can_reach_people_has_a_french_one() -> None:
    found: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).as_posix()
        if not place.startswith(tuple(INTERNAL)):
            found |= dict.fromkeys(sentences(path), name(path))
    assert len(found) > 80, "the search has lost its way"
    assert not {s: where for s, where in found.items() if s not in REFUSALS and s not in SENTENCES_WITHIN}


def test_a_sentence_is_translated_with_what_fills_it() -> None:
    english = "nobody here is called 'Œil {0} .*': `colloque contacts` lists everybody"
    assert words.translated(english) == (
        "personne ici ne s'appelle 'Œil {0} .*' : `colloque contacts` les énumère"
    )
    assert words.translated("something else") == "something else"


@pytest.mark.parametrize(("english", "french"), [*words._FRENCH.items(), *REFUSALS.items()])
def test_both_languages_have_the_same_gaps(english: str, french: str) -> None:
    def gaps(text: str) -> list[str]:
        return sorted(field for _, field, _, _ in Formatter().parse(text) if field is not None)

    assert gaps(english) == gaps(french)


def said() -> dict[str, str]:
    """What `say` is given in the command line, wherever it is given as it stands."""
    found = {}
    for path in (PACKAGE / "cli").glob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
                        found[part.value] = name(path)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                value, (target, *_) = node.value.value, node.targets
                if isinstance(target, ast.Name) and target.id in ("words", "word", "question", "sentence"):
                    found[str(value)] = name(path)
    return found


def test_every_word_of_the_command_line_has_a_french_one() -> None:
    found = said()
    assert len(found) > 20, "the search has lost its way"
    assert not {s: where for s, where in found.items() if s not in words._FRENCH}


def test_every_state_and_notice_has_a_french_one() -> None:
    assert not [notice for notice in _NOTICES.values() if notice not in words._FRENCH]
    assert not [phase.value for phase in Phase if phase.value not in words._FRENCH]
    mine = {"waiting", "uploading", "accepted", "delivered", "read", "failed", "retracted", "refused"}
    assert mine | {"arriving", "here", "damaged"} <= words._FRENCH.keys()


def test_every_command_and_option_is_explained_in_french() -> None:
    """The relay's own are for administrators, in English; its one line among the others is not."""
    english: set[str | None] = set()

    def gather(command: click.Command, context: click.Context) -> None:
        english.add(command.help)
        options = [p for p in command.params if isinstance(p, click.Option)]
        english.update(p.help for p in options if not {"--help", "--version"} & {*p.opts})
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None, inner
                if inner == "relay":
                    english.add(found.help)
                else:
                    gather(found, context)

    gather(colloque, click.Context(colloque))
    assert None not in english, "something is not explained"
    assert len(english) > 40
    assert english == HELP.keys()
