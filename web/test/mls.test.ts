/** The wrapper over `ts-mls` refuses what a member must not take (`spec/sessions.md` S6, S10, S21; `docs/ts-mls.md`). */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  createApplicationMessage,
  createCommit,
  createGroup,
  createProposal,
  defaultCapabilities,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  joinGroup,
  type ClientState,
  type PrivateMessage,
  type Welcome,
} from "ts-mls";
import { decodeKeyPackage } from "ts-mls/keyPackage.js";

import { publicKey } from "../src/crypto/ed25519.ts";
import { random } from "../src/crypto/primitives.ts";
import { Group, MlsRefused, peek } from "../src/mls/group.ts";
import { newKeyPackage, splitSecrets, type MadePackage } from "../src/mls/keyPackage.ts";
import { suite } from "../src/mls/suite.ts";
import { concat, utf8, type Bytes } from "../src/wire/codec.ts";
import { personId } from "../src/wire/signing.ts";

const seconds = (): number => Math.floor(Date.now() / 1000);
const welcomeBytes = (welcome: Welcome | undefined): Bytes => {
  assert.ok(welcome);
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }) as Bytes;
};
const privateBytes = (privateMessage: PrivateMessage): Bytes =>
  encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage }) as Bytes;

/** A group made by hand, whose first leaf says that it is `claimed`. */
async function founded(seed: Bytes, claimed = publicKey(seed)): Promise<ClientState> {
  const impl = await suite();
  const credential = { credentialType: "basic" as const, identity: await personId(claimed) };
  const lifetime = { notBefore: BigInt(seconds() - 60), notAfter: BigInt(seconds() + 3_600) };
  const keys = { signKey: seed, publicKey: publicKey(seed) };
  const own = await generateKeyPackageWithKey(credential, defaultCapabilities(), lifetime, [], keys, impl);
  return createGroup(random(32), own.publicPackage, own.privatePackage, [], impl);
}

async function adding(state: ClientState, ...packages: MadePackage[]): Promise<readonly [ClientState, Bytes, Bytes]> {
  const impl = await suite();
  const extraProposals = packages.map((one) => {
    const found = decodeKeyPackage(one.package, 0);
    assert.ok(found);
    return { proposalType: "add" as const, add: { keyPackage: found[0] } };
  });
  const options = { extraProposals, ratchetTreeExtension: true };
  const made = await createCommit({ state, cipherSuite: impl }, options);
  return [made.newState, welcomeBytes(made.welcome), encodeMlsMessage(made.commit) as Bytes];
}

/** A host, a member that is ours, and another whose `ts-mls` is its own. */
async function three() {
  const impl = await suite();
  const [host, mine, other] = [random(32), random(32), random(32)];
  const [own, theirs] = [await newKeyPackage(mine, seconds()), await newKeyPackage(other, seconds())];
  const [state, welcome] = await adding(await founded(host), own, theirs);
  const group = await Group.join(welcome, own, mine, publicKey(host), []);
  const found = decodeKeyPackage(theirs.package, 0);
  const secrets = splitSecrets(theirs.secrets);
  const header = peek(welcome);
  assert.ok(found && header.is === "welcome");
  const parsed = (await import("ts-mls")).decodeMlsMessage(welcome, 0)?.[0];
  assert.ok(parsed?.wireformat === "mls_welcome");
  const keys = { initPrivateKey: secrets.init, hpkePrivateKey: secrets.leaf, signaturePrivateKey: other };
  const member = await joinGroup(parsed.welcome, found[0], keys, emptyPskIndex, impl);
  return { impl, host, mine, other, own, state, welcome, group, member };
}

test("S21 the author is taken from the leaf, also after the state was kept and loaded", async () => {
  const { impl, other, group, member } = await three();
  const bound = utf8("conversation");
  const sent = await createApplicationMessage(member, utf8("words"), impl, bound);
  const [after, event] = await Group.load(group.save()).process(privateBytes(sent.privateMessage), seconds());
  assert.ok(event.is === "application");
  assert.deepEqual([event.author, event.plain, event.bound], [publicKey(other), utf8("words"), bound]);
  await assert.rejects(after.process(privateBytes(sent.privateMessage), seconds()), MlsRefused, "a second time");
});

test("S10 only the host's commits are taken", async () => {
  const { impl, group, member, state } = await three();
  const foreign = await createCommit({ state: member, cipherSuite: impl });
  await assert.rejects(group.process(encodeMlsMessage(foreign.commit) as Bytes, seconds()), MlsRefused);
  const real = await createCommit({ state, cipherSuite: impl });
  const [after, event] = await group.process(encodeMlsMessage(real.commit) as Bytes, seconds());
  assert.equal(event.is, "committed");
  assert.equal(after.epoch, group.epoch + 1n);
});

test("S10 proposals are refused, whoever sends them", async () => {
  const { impl, group, state, member } = await three();
  for (const one of [state, member]) {
    const proposal = { proposalType: "remove" as const, remove: { removed: 1 } };
    for (const isPublic of [false, true]) {
      const made = await createProposal(one, isPublic, proposal, impl);
      await assert.rejects(group.process(encodeMlsMessage(made.message) as Bytes, seconds()), MlsRefused);
    }
  }
});

test("S10 the host may remove, and nothing but add and remove", async () => {
  const { impl, group, state, other } = await three();
  const out = { proposalType: "remove" as const, remove: { removed: 2 } };
  const made = await createCommit({ state, cipherSuite: impl }, { extraProposals: [out] });
  const [, event] = await group.process(encodeMlsMessage(made.commit) as Bytes, seconds());
  assert.ok(event.is === "committed");
  assert.deepEqual(event.removed, [publicKey(other)]);
  const me = { proposalType: "remove" as const, remove: { removed: 1 } };
  const mine = await createCommit({ state, cipherSuite: impl }, { extraProposals: [me] });
  assert.deepEqual((await group.process(encodeMlsMessage(mine.commit) as Bytes, seconds()))[1], { is: "removed" });
});

test("S6 a Welcome that somebody else than the host signed is refused, though the host is a member", async () => {
  const { impl, host, mine, member, own } = await three();
  // The other member makes a group of their own, and puts the host in it by a key package that it once gave out.
  const mallory = member.signaturePrivateKey as Bytes;
  const hosts = await newKeyPackage(host, seconds());
  const [, welcome] = await adding(await founded(mallory), hosts, own);
  await assert.rejects(Group.join(welcome, own, mine, publicKey(host), []), MlsRefused);
  assert.ok(await Group.join(welcome, own, mine, publicKey(mallory), []), "it is a good one but for that");
  assert.equal(impl.name, "MLS_256_XWING_AES256GCM_SHA512_Ed25519");
});

test("a credential that names somebody else than its key is refused", async () => {
  const [host, mine] = [random(32), random(32)];
  const own = await newKeyPackage(mine, seconds());
  const [, welcome] = await adding(await founded(host, publicKey(random(32))), own);
  await assert.rejects(Group.join(welcome, own, mine, publicKey(host), []), MlsRefused);
});

test("bytes that are not written as they should be are refused", async () => {
  const { impl, state, group, welcome } = await three();
  const sent = await createApplicationMessage(state, utf8("words"), impl);
  const good = privateBytes(sent.privateMessage);
  for (const bad of [concat(good, Uint8Array.of(0)), good.slice(0, -1), utf8("words"), new Uint8Array(0), welcome]) {
    await assert.rejects(group.process(bad, seconds()), MlsRefused);
  }
  assert.throws(() => peek(concat(welcome, Uint8Array.of(0))), MlsRefused);
  assert.throws(() => Group.load(concat(Uint8Array.of(9), group.save().slice(1))), MlsRefused);
  assert.equal((await group.process(good, seconds()))[1].is, "application");
});
