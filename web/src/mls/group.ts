/** A conversation's MLS group as a member has it: the one wrapper over `ts-mls`, with what `docs/ts-mls.md` says it must add.

A `Group` is a value: what changes it gives another one, and one that throws has changed nothing. */

import {
  bytesToBase64,
  createApplicationMessage,
  decodeGroupState,
  decodeMlsMessage,
  encodeGroupState,
  encodeMlsMessage,
  joinGroup,
  makePskIndex,
  processPrivateMessage,
  type ClientConfig,
  type ClientState,
  type Credential,
  type IncomingMessageCallback,
  type MLSMessage,
  type PrivateMessage,
  type Welcome,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { decodeKeyPackage } from "ts-mls/keyPackage.js";
import { decryptSenderData } from "ts-mls/privateMessage.js";

import { WireError, concat, equal, type Bytes } from "../wire/codec.ts";
import { MEMBERS } from "../wire/content/roster.ts";
import { personId } from "../wire/signing.ts";
import { splitSecrets } from "./keyPackage.ts";
import { SUITE_NAME, suite, suiteOfHost } from "./suite.ts";

const STATE_VERSION = 1;
const PAST_EPOCHS = 64;
const SKIPPED_GENERATIONS = 4_096;

/** Whatever `ts-mls` or this wrapper refuses. The message quotes nothing. */
export class MlsRefused extends WireError {
  override readonly name = "MlsRefused";
}

export type Header =
  | { readonly is: "welcome"; readonly refs: readonly Bytes[] }
  | { readonly is: "private"; readonly groupId: Bytes; readonly epoch: bigint }
  | { readonly is: "other" };

export type Event =
  | { readonly is: "application"; readonly author: Bytes; readonly plain: Bytes; readonly bound: Bytes }
  | { readonly is: "committed"; readonly added: readonly Bytes[]; readonly removed: readonly Bytes[] }
  | { readonly is: "removed" };

const CONFIG: ClientConfig = {
  ...defaultClientConfig,
  keyRetentionConfig: {
    retainKeysForEpochs: PAST_EPOCHS,
    retainKeysForGenerations: SKIPPED_GENERATIONS,
    maximumForwardRatchetSteps: SKIPPED_GENERATIONS,
  },
  authService: {
    async validateCredential(credential: Credential, key: Uint8Array): Promise<boolean> {
      return credential.credentialType === "basic" && equal(credential.identity, await personId(key));
    },
  },
};

/** The value, which must encode to the same bytes: `ts-mls` itself lets trailing bytes and over-long lengths pass. */
function canonical<T>(
  bytes: Uint8Array,
  decode: (data: Uint8Array, offset: number) => [T, number] | undefined,
  encode: (value: T) => Uint8Array,
): T {
  let found: [T, number] | undefined;
  try {
    found = decode(bytes, 0);
    if (found !== undefined && equal(encode(found[0]), bytes)) return found[0];
  } catch {
    // Below, like any other bytes that are none.
  }
  throw new MlsRefused("not an MLS value, or not written as it should be");
}

const message = (data: Uint8Array): MLSMessage => canonical(data, decodeMlsMessage, encodeMlsMessage);

/** What kind of MLS message this is; throws `MlsRefused`. */
export function peek(data: Uint8Array): Header {
  const found = message(data);
  if (found.wireformat === "mls_welcome") {
    return { is: "welcome", refs: found.welcome.secrets.map((secret) => secret.newMember as Bytes) };
  }
  if (found.wireformat !== "mls_private_message") return { is: "other" };
  return { is: "private", groupId: found.privateMessage.groupId as Bytes, epoch: found.privateMessage.epoch };
}

export interface Psk {
  readonly id: Bytes;
  readonly secret: Bytes;
}

export class Group {
  private constructor(
    private readonly state: ClientState,
    private readonly host: Bytes,
  ) {}

  get id(): Bytes {
    return this.state.groupContext.groupId as Bytes;
  }

  get epoch(): bigint {
    return this.state.groupContext.epoch;
  }

  /** The members' signature keys. */
  get members(): readonly Bytes[] {
    return leaves(this.state).map(([, key]) => key);
  }

  /** By a Welcome that `host` signed, for a package of one's own; throws `MlsRefused`. */
  static async join(
    data: Bytes,
    own: { readonly package: Bytes; readonly secrets: Bytes },
    seed: Bytes,
    host: Bytes,
    psks: readonly Psk[],
  ): Promise<Group> {
    const welcome = welcomeOf(data);
    const found = decodeKeyPackage(own.package, 0);
    if (found === undefined) throw new MlsRefused("a key package that is none");
    const { init, leaf } = splitSecrets(own.secrets);
    const secrets = { initPrivateKey: init, hpkePrivateKey: leaf, signaturePrivateKey: seed };
    const index = makePskIndex(undefined, Object.fromEntries(psks.map((psk) => [bytesToBase64(psk.id), psk.secret])));
    const state = await refusing(async () =>
      joinGroup(welcome, found[0], secrets, index, await suiteOfHost(host), undefined, undefined, CONFIG),
    );
    const group = new Group(state, host);
    checkMembers(group);
    return group;
  }

  /** What a private message of this group holds, and the group after it; throws `MlsRefused`. */
  async process(data: Bytes, seconds: number): Promise<readonly [Group, Event]> {
    const found = message(data);
    if (found.wireformat !== "mls_private_message") throw new MlsRefused("not a message within a group");
    const sealed = found.privateMessage;
    if (sealed.contentType === "proposal") throw new MlsRefused("a proposal: members send none");
    return sealed.contentType === "commit" ? this.follow(sealed, seconds) : this.open(sealed);
  }

  private async open(sealed: PrivateMessage): Promise<readonly [Group, Event]> {
    const before = this.state;
    const impl = await suite();
    const result = await refusing(() => processPrivateMessage(before, sealed, makePskIndex(before, {}), impl));
    if (result.kind !== "applicationMessage") throw new MlsRefused("not what it said it was");
    const past = sealed.epoch === this.epoch ? undefined : before.historicalReceiverData.get(sealed.epoch);
    const secret = past?.senderDataSecret ?? before.keySchedule.senderDataSecret;
    const sender = await refusing(() => decryptSenderData(sealed, secret, impl));
    const node = sender && (past?.ratchetTree ?? before.ratchetTree)[2 * sender.leafIndex];
    if (node?.nodeType !== "leaf") throw new MlsRefused("a message of nobody");
    const author = node.leaf.signaturePublicKey as Bytes;
    return [
      new Group(result.newState, this.host),
      { is: "application", author, plain: result.message as Bytes, bound: sealed.authenticatedData as Bytes },
    ];
  }

  private async follow(sealed: PrivateMessage, seconds: number): Promise<readonly [Group, Event]> {
    const before = this.state;
    const old = new Map(leaves(before));
    const added: Bytes[] = [];
    const removed: Bytes[] = [];
    const judge: IncomingMessageCallback = (incoming) => {
      if (incoming.kind !== "commit" || incoming.senderLeafIndex === undefined) return "reject";
      const committer = old.get(incoming.senderLeafIndex);
      if (committer === undefined || !equal(committer, this.host)) return "reject";
      for (const { proposal } of incoming.proposals) {
        if (proposal.proposalType === "add") {
          const { leafNode } = proposal.add.keyPackage;
          const { notBefore, notAfter } = leafNode.lifetime;
          if (BigInt(seconds) < notBefore || BigInt(seconds) > notAfter) return "reject";
          added.push(leafNode.signaturePublicKey as Bytes);
        } else if (proposal.proposalType === "remove") {
          const gone = old.get(proposal.remove.removed);
          if (gone !== undefined) removed.push(gone);
        } else if (proposal.proposalType !== "psk") {
          return "reject";
        }
      }
      return "accept";
    };
    const impl = await suite();
    const result = await refusing(() => processPrivateMessage(before, sealed, makePskIndex(before, {}), impl, judge));
    if (result.kind !== "newState" || result.actionTaken !== "accept") {
      throw new MlsRefused("a commit of somebody else than the host, or of a kind that is not taken");
    }
    const after = new Group(result.newState, this.host);
    if (result.newState.groupActiveState.kind === "removedFromGroup") return [after, { is: "removed" }];
    checkMembers(after);
    return [after, { is: "committed", added, removed }];
  }

  /** One application message, bound to `bound`; throws `MlsRefused`. */
  async protect(plain: Bytes, bound: Bytes): Promise<readonly [Group, Bytes]> {
    const made = await refusing(async () => createApplicationMessage(this.state, plain, await suite(), bound));
    const out = { version: "mls10", wireformat: "mls_private_message", privateMessage: made.privateMessage } as const;
    return [new Group(made.newState, this.host), encodeMlsMessage(out) as Bytes];
  }

  /** With this wrapper's own version in front; it holds secrets. */
  save(): Bytes {
    return concat(Uint8Array.of(STATE_VERSION), this.host, encodeGroupState(this.state));
  }

  /** Throws `MlsRefused`. */
  static load(data: Bytes): Group {
    if (data[0] !== STATE_VERSION) throw new MlsRefused("a group's state of another version");
    const state = canonical(data.subarray(33), decodeGroupState, encodeGroupState);
    return new Group({ ...state, clientConfig: CONFIG }, data.slice(1, 33));
  }
}

function welcomeOf(data: Bytes): Welcome {
  const found = message(data);
  if (found.wireformat !== "mls_welcome" || found.welcome.cipherSuite !== SUITE_NAME) {
    throw new MlsRefused("no Welcome, or one of another suite");
  }
  return found.welcome;
}

/** Leaf index and signature key of everybody. */
function leaves(state: ClientState): (readonly [number, Bytes])[] {
  return state.ratchetTree.flatMap((node, index) =>
    node?.nodeType === "leaf" ? [[index / 2, node.leaf.signaturePublicKey as Bytes] as const] : [],
  );
}

/** At most so many, and nobody twice. */
function checkMembers(group: Group): void {
  const { members } = group;
  if (members.length > MEMBERS || members.some((key, at) => members.findIndex((other) => equal(key, other)) !== at)) {
    throw new MlsRefused("too many members, or one twice");
  }
}

/** `ts-mls` throws errors of many families, WebCrypto's among them: one of ours instead. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch {
    throw new MlsRefused("refused by MLS");
  }
}
