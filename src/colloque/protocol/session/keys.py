"""Where sessions meet MLS: the suite, the signer, key packages, policies, and the ids of what is mixed in."""

from __future__ import annotations

from colloque.mls import api as mls
from colloque.protocol.session.effects import KeepKeyPackage
from colloque.protocol.session.model import DAY, Context, OwnQueue
from colloque.wire.codec import WireError
from colloque.wire.content.roster import MEMBERS
from colloque.wire.signing import person_id
from colloque.wire.sizes import WRITERS_PER_BATCH

SUITE = mls.XWING
PACKAGE_DAYS = 60
SKEW_DAYS = 7
"""How far apart the clocks of two ends may be."""
PAST_EPOCHS = 64
SKIPPED_GENERATIONS = 4_096


def signer(ctx: Context) -> mls.SignatureKey:
    return mls.SignatureKey.from_bytes(mls.suite(SUITE), ctx.identity.seed)


def policy(host: bytes) -> mls.Policy:
    """Only the host commits; the windows fit a queue's limit and the time that mail may lie (`spec/sessions.md` S20)."""
    return mls.Policy(
        committer_signature_key=host,
        max_members=MEMBERS,
        past_epochs=PAST_EPOCHS,
        skipped_generations=SKIPPED_GENERATIONS,
        max_forward=SKIPPED_GENERATIONS,
    )


def key_package(ctx: Context) -> tuple[mls.KeyPackage, mls.KeyPackageSecrets]:
    lifetime = mls.Lifetime(ctx.seconds - SKEW_DAYS * 86_400, ctx.seconds + PACKAGE_DAYS * 86_400)
    return mls.new_key_package(mls.suite(SUITE), signer(ctx), ctx.identity.person, lifetime, ctx.random)


def fresh_package(ctx: Context, conversation: bytes) -> tuple[bytes, KeepKeyPackage]:
    """A KeyPackage to give away, and the effect that keeps its secrets until a Welcome answers it."""
    package, secrets = key_package(ctx)
    data = package.to_bytes()
    return data, KeepKeyPackage(package.ref, conversation, data, secrets.to_bytes())


def checked_package(data: bytes, owner: bytes, now: int) -> mls.KeyPackage:
    """A KeyPackage that `owner` (a signature key) sent; raises `WireError` where it is not theirs, or not valid."""
    try:
        package = mls.KeyPackage.from_bytes(data)
        package.verify(now // 1000)
    except mls.MlsError:
        raise WireError("a key package that is not valid") from None
    if package.signature_key != owner or package.identity != person_id(owner):
        raise WireError("a key package of somebody else")
    return package


def new_group(ctx: Context) -> mls.Group:
    return mls.Group.create(
        mls.suite(SUITE),
        ctx.random(32),
        signer(ctx),
        ctx.identity.person,
        ctx.random,
        ctx.seconds,
        policy=policy(ctx.identity.key),
    )


def hello_psk(conversation: bytes) -> bytes:
    """The id of the link's secret in the group that answers a hello."""
    return b"colloque hello" + conversation


def return_psk(conversation: bytes, succession: int) -> bytes:
    """The id of the recovery secret in the group of a return."""
    return b"colloque return" + conversation + succession.to_bytes(4, "big")


def new_queue(ctx: Context, relay: str, grant: bytes) -> OwnQueue:
    writers = tuple(ctx.random(32) for _ in range(WRITERS_PER_BATCH))
    return OwnQueue(ctx.random(16), relay, ctx.random(32), ctx.random(32), writers, grant)


def own_queue(ctx: Context) -> OwnQueue:
    """A new queue on one's own relay."""
    return new_queue(ctx, ctx.identity.relay, ctx.identity.token)


def lent_queue(ctx: Context, relay: str, grant: bytes) -> OwnQueue:
    """A new queue on one's own relay where one has a token there; else on whoever's relay it is that lends a grant."""
    return new_queue(ctx, relay, grant) if grant and not ctx.identity.token else own_queue(ctx)


def content_id(ctx: Context) -> bytes:
    return ctx.random(16)


WEEK = 7 * DAY
