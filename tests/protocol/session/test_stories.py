"""Whole stories of a team, by hypothesis: two to five homes, a pipe that does what pipes do, and a fake clock.

Whatever happens, once everybody is there and the pipe works (`calm`): all who stay are in one epoch with one authenticator
(`spec/sessions.md` S10, S11, S25, S26, S30, S33); every message was read once, in its author's order, by each who was in when
it was written and stays (S16, S17, S20 to S22), and told as delivered (S24); nobody reads what was written after they were
taken out (S13, S14); and what cannot be read changes nothing (S19, S21).
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from colloque.mls.api import MlsError, peek
from colloque.protocol.session.admit import Step, dismiss, restate
from colloque.protocol.session.answer import take_over
from colloque.protocol.session.model import Context, Phase, Talk
from colloque.protocol.session.renew import renew_now
from colloque.protocol.session.write import may_write
from colloque.wire.codec import WireError
from colloque.wire.envelope import Kind, seal, split
from colloque.wire.frames.position import Position
from tests.protocol.session.ends import (
    HOUR,
    NAMES,
    End,
    Way,
    World,
    check_stored,
    copy_home,
    nothing_unforeseen,
    whole,
)

people = st.integers(0, 4)
few = st.integers(0, 3)
ways = st.builds(
    Way, reads=few | st.just(99), sends=few | st.just(99), deaf=st.booleans(), mute=st.booleans()
)


@dataclass
class Said:
    """One text. `due`: whoever has to have read it at the next calm. `barred`: whoever must never."""

    id: bytes
    author: End
    text: str
    due: set[str]
    barred: set[str]
    taken_back: bool = False
    unsure: set[str] = field(default_factory=set)
    """Who was not there, or whose home was put back: that it was taken back they may not have heard, or have forgotten."""

    def was_sent(self) -> bool:
        row = self.author.home.database.one("SELECT number FROM message WHERE id = ?", self.id)
        return row is not None and row[0] > 0


class Story(RuleBasedStateMachine):
    """The relay keeps the order of a queue here, and loses nothing that it accepted; all else may happen."""

    keeps_order = True

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(nothing_unforeseen())
        self.folder = Path(tempfile.mkdtemp(prefix="colloque-story-"))
        self.stack.callback(shutil.rmtree, self.folder)
        self.touched: End | None = None

    @initialize(
        count=st.integers(2, 5),
        seed=st.integers(0, 99),
        skews=st.lists(st.integers(-60, 60), min_size=5, max_size=5),
    )
    def begin(self, count: int, seed: int, skews: list[int]) -> None:
        self.world = World(self.folder, seed)
        self.stack.callback(self.world.close)
        self.ends = [self.world.person(name) for name in NAMES[:count]]
        for end, hours in zip(self.ends, skews, strict=False):
            end.skew = hours * HOUR
        self.host = self.ends[0]
        self.pairs = {end.name: self.world.pair(self.host, end) for end in self.ends[1:]}
        self.world.calm()
        asked = [(end, self.pairs[end.name]) for end in self.ends[1:]]
        self.team = self.world.convene(self.host, "Équipe", asked)
        self.world.calm()
        self.founder = self.host
        self.inside = {end.name for end in self.ends}
        self.coming: set[str] = set()
        self.going: set[str] = set()
        self.outside: set[str] = set()
        self.said: list[Said] = []
        self.count = 0
        self.copies: dict[str, dict[bytes, tuple[int, int]]] = {}
        self.settle()

    def end(self, who: int) -> End:
        return self.ends[who % len(self.ends)]

    def hosting(self) -> bool:
        """Whether the host has come to know that it is: the one who follows learns it by mail."""
        talk = self.host.talk(self.team)
        return talk is not None and talk.hosting is not None and self.host.name in self.inside

    # --- what people do ---

    @rule(who=people, count=st.integers(1, 3))
    def writes(self, who: int, count: int) -> None:
        author = self.touched = self.end(who)
        for _ in range(count):
            self.count += 1
            text = f"{self.count} of {author.name}"
            try:
                ident = author.write(self.team, text)
            except WireError:
                assert author.name not in self.inside
                return
            due = self.inside - {author.name} if author.name in self.inside else set()
            self.said.append(Said(ident, author, text, due, set(self.outside)))

    @rule(which=st.integers(0, 30))
    def takes_back(self, which: int) -> None:
        mine = [s for s in self.said if not s.taken_back and s.author.name in self.inside]
        if mine:
            said = mine[which % len(mine)]
            said.author.home.messages.retract(said.author.home.context(), said.id)
            said.taken_back, self.touched = True, said.author
            said.unsure |= {end.name for end in self.ends} - self.inside

    @rule(who=people)
    def renews(self, who: int) -> None:
        end = self.touched = self.end(who)
        talk = end.talk(self.team)
        if end.name in self.inside and talk is not None and may_write(talk):
            end.run(self.team, renew_now)

    @rule(who=people)
    def is_taken_out(self, who: int) -> None:
        end = self.end(who)
        if self.hosting() and end is not self.host and end.name in self.inside:
            self.host.run(self.team, dismiss, end.key)
            self.leaves_behind(end)
            self.touched = self.host

    @rule(who=people)
    def leaves(self, who: int) -> None:
        """Not while hosts change: the wish would go to a host who is gone, and the next one can but take that person out."""
        end = self.end(who)
        if self.unsettled:
            self.calms()
        if end is not self.host and end.name in self.inside:
            end.home.leaving.leave(end.home.context(), self.team)
            self.leaves_behind(end)
            self.touched = end

    @rule(who=people)
    def is_asked_in(self, who: int) -> None:
        end = self.end(who)
        if self.hosting() and self.host is self.founder and end.name in self.outside:
            ctx = self.host.home.context()
            with self.host.home.database.transaction():
                self.host.home.steps.ask(ctx, self.team, [(end.key, self.pairs[end.name])])
            self.outside.discard(end.name)
            self.coming.add(end.name)
            for said in self.said:
                # What is in line still is sent when it is encrypted, to whoever is there then.
                if not said.was_sent():
                    said.barred.discard(end.name)
            self.members_change()
            self.touched = self.host

    @rule(who=people, asked=st.booleans())
    def second_host_takes_over(self, who: int, asked: bool) -> None:
        """At a person's wish, or because the host leaves."""
        second = self.end(who)
        if not self.hosting() or second is self.host or second.name not in self.inside:
            return
        self.host.run(self.team, _restate, second.key)
        self.calms()
        old = self.host
        if asked:
            second.run(self.team, take_over)
        else:
            old.home.leaving.leave(old.home.context(), self.team)
            self.leaves_behind(old)
        self.host, self.touched, self.unsettled = second, second, True
        self.members_change()

    def members_change(self) -> None:
        pass

    def leaves_behind(self, end: End) -> None:
        """What this end was to read or write, and has not yet, is nobody's duty any more."""
        self.inside.discard(end.name)
        self.going.add(end.name)
        self.members_change()
        for said in self.said:
            said.due.discard(end.name)
            if said.taken_back:
                # Whoever goes before the word comes keeps what they have.
                said.unsure.add(end.name)
            if said.author is end:
                said.due.clear()
                said.unsure.add(end.name)

    # --- what pipes and clocks do ---

    @rule(who=people, way=ways)
    def turns(self, who: int, way: Way) -> None:
        self.touched = self.end(who)
        self.touched.turn(way)

    @rule(hours=st.sampled_from((1, 13, 49, 200)))
    def time_passes(self, hours: int) -> None:
        self.world.now += hours * HOUR

    @rule()
    def relay_starts_again(self) -> None:
        self.world.pipe.restart()

    @rule(which=st.integers(0, 1 << 16), into=st.integers(0, 40))
    def old_envelope_comes_again(self, which: int, into: int) -> None:
        past = self.world.pipe.past
        lines = list(self.world.pipe.lines)
        if past:
            read, envelope = past[which % len(past)]
            self.world.pipe.put(read if read in lines and into > 20 else lines[into % len(lines)], envelope)

    @rule(who=people, which=st.integers(0, 1 << 16), flip=st.integers(0, 1 << 16), own=st.booleans())
    def what_cannot_be_read_changes_nothing(self, who: int, which: int, flip: int, own: bool) -> None:
        """An old message under a new envelope, as a member could send it; or with a byte changed; or into another's queue."""
        end = self.touched = self.end(who)
        before = end.talk(self.team)
        if before is None or not self.world.payloads or end.name not in self.inside:
            return
        queue = before.conversation.queue
        end.turn(Way(sends=0))
        before = end.talk(self.team)
        waiting = self.world.pipe.lines.get(queue.read)
        if before is None or before.conversation.queue != queue or waiting is None or waiting.waiting:
            return
        payloads = [p for p in self.world.payloads if not own or self.world.payloads[p] == end.key]
        if not payloads:
            return
        payload = payloads[which % len(payloads)]
        if not own:
            at = flip % len(payload)
            payload = payload[:at] + bytes([payload[at] ^ 0x55]) + payload[at + 1 :]
        for part in split(Kind.MLS, self.world.random(16), payload):
            at_end = end.home.queues.position(queue.id)
            end.home.intake.take(
                end.home.context(),
                queue.id,
                at_end[0],
                at_end[1] + 1,
                seal(queue.key, part, self.world.random),
            )
            waiting.given = max(waiting.given, at_end[1] + 1)
            waiting.confirmed = type(waiting.confirmed)(*end.home.queues.position(queue.id))
        after = end.talk(self.team)
        assert after is not None
        assert whole(after) == whole(before)

    # --- calm ---

    @rule()
    def calms(self) -> None:
        for _ in range(8):
            self.world.calm()
            if not sum(self.says_yes(end) for end in self.ends):
                break
        else:
            raise AssertionError("somebody asks to come back for ever")
        self.inside |= self.coming
        self.outside |= self.going
        self.coming, self.going = set(), set()
        self.check()
        self.settle()

    def says_yes(self, end: End) -> int:
        with end.home.database.transaction():
            conversations = [ident for (ident,) in end.home.database.all("SELECT id FROM conversation")]
            return sum(end.home.steps.say_yes(end.home.context(), ident) for ident in conversations)

    def settle(self) -> None:
        for said in self.said:
            said.due = set()
        self.unsettled = False

    def check(self) -> None:
        talks = {e.name: e.talk(self.team) for e in self.ends if e.name in self.inside}
        seen = {}
        for name, talk in talks.items():
            assert talk is not None, name
            assert talk.conversation.phase is Phase.OPEN, (name, talk.conversation.phase)
            assert talk.conversation.host == self.host.key, name
            seen[name] = (talk.group.group_id, talk.group.epoch, talk.group.epoch_authenticator)
            everybody = {e.key for e in self.ends if e.name in self.inside}
            assert {m.signature_key for m in talk.group.members()} == everybody, name
            assert {p.key for p in talk.conversation.peers} == everybody - {self.keys[name]}, name
        assert len(set(seen.values())) == 1, seen
        for reader in self.ends:
            self.check_reader(reader)
        for said in self.said:
            self.check_told(said)

    @property
    def keys(self) -> dict[str, bytes]:
        return {end.name: end.key for end in self.ends}

    def check_reader(self, reader: End) -> None:
        for author in self.ends:
            if author is reader:
                continue
            came = reader.texts_of(self.team, author.key)
            written = [s for s in self.said if s.author is author]
            assert len(came) == len(set(came)), f"{reader.name} read twice: {came}"
            if self.keeps_order:
                assert came == [s.text for s in written if s.text in came], f"{reader.name}: {came}"
            for said in written:
                told = f"{reader.name} and {said.text!r}: {came}, {reader.notices(self.team)}"
                if (
                    said.taken_back
                    and reader.name in self.inside
                    and not said.unsure & {reader.name, author.name}
                ):
                    assert said.text not in came, told
                elif reader.name in said.due:
                    assert said.text in came, told
                if reader.name in said.barred:
                    assert said.text not in came, told

    def check_told(self, said: Said) -> None:
        entry = said.author.home.messages.get(said.id)
        if entry is None or not said.due or said.taken_back:
            return
        told = {reader: state for reader, state, _ in said.author.home.messages.deliveries(entry)}
        for end in self.ends:
            if end.name in said.due:
                assert told.get(end.key) in ("delivered", "read"), (said.text, end.name, told.get(end.key))

    @invariant()
    def what_is_stored_is_what_is_known(self) -> None:
        if self.touched is not None:
            check_stored(self.touched, self.team)

    def teardown(self) -> None:
        try:
            if hasattr(self, "team"):
                self.calms()
                self.nobody_outside_can_open_anything_new()
        finally:
            self.stack.close()

    def nobody_outside_can_open_anything_new(self) -> None:
        headers = [(p, peek(p)) for p in self.world.payloads]
        for end in self.ends:
            talk = end.talk(self.team)
            if end.name not in self.outside or talk is None:
                continue
            for group in talk.groups:
                later = [
                    p for p, h in headers if h.group_id == group.group_id and (h.epoch or 0) > group.epoch
                ]
                for payload in later:
                    with pytest.raises(MlsError):
                        group.process(payload, self.world.now // 1000)


class Reordered(Story):
    """A relay that breaks the order of a queue, too."""

    keeps_order = False

    @rule(who=people, order=st.lists(st.integers(0, 9), min_size=1, max_size=12))
    def the_relay_breaks_an_order(self, who: int, order: list[int]) -> None:
        for stored in self.end(who).home.queues.in_state("made"):
            self.world.pipe.shuffle(stored.queue.read, order)


class PutBack(Story):
    """Homes are put back to what they were, as a restored disk or a copied folder would (S31 to S34)."""

    keeps_order = False

    @rule(who=people)
    def is_copied(self, who: int) -> None:
        if self.unsettled or self.coming or self.going:
            self.calms()
        end = self.end(who)
        copy_home(end, self.folder / "copies" / end.name)
        self.copies[end.name] = {
            q.queue.read: (q.incarnation, q.sequence) for q in end.home.queues.in_state("made")
        }

    @rule(who=people, words=few)
    def is_put_back(self, who: int, words: int) -> None:
        """Where its relay knows more than the copy does: otherwise nothing tells it, and nothing was lost on the way here."""
        end = self.end(who)
        known = self.copies.pop(end.name, {})
        if end.name not in self.inside:
            return
        self.calms()
        lines = self.world.pipe.lines
        if not any(read in lines and lines[read].confirmed > Position(*at) for read, at in known.items()):
            return
        end.put_back(self.folder / "copies" / end.name)
        self.touched, self.unsettled = end, True
        for said in self.said:
            if said.author is end:
                said.due.clear()
            said.due.discard(end.name)
            said.unsure.add(end.name)
        kept = {row[0] for row in end.home.database.all("SELECT id FROM message")}
        self.said = [s for s in self.said if s.author is not end or s.id in kept]
        for writer in range(words):
            self.writes(writer, 1)
        self.calms()

    @rule(who=people, other=people, words=st.integers(1, 3))
    def is_put_back_after_some_words(self, who: int, other: int, words: int) -> None:
        self.is_copied(who)
        self.writes(other, words)
        self.calms()
        self.is_put_back(who, words)

    def members_change(self) -> None:
        self.copies.clear()


def _restate(ctx: Context, talk: Talk, key: bytes) -> Step:
    return restate(ctx, talk, second_host=key)


def tell(story: type[Story], examples: int, steps: int) -> None:
    given = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(story, settings=given)


@pytest.mark.parametrize(("story", "examples"), [(Story, 30), (Reordered, 15), (PutBack, 15)])
def test_stories(story: type[Story], examples: int) -> None:
    tell(story, examples, 25)


@pytest.mark.long
@pytest.mark.parametrize("story", [Story, Reordered, PutBack])
def test_many_long_stories(story: type[Story]) -> None:
    tell(story, 1_500, 50)
