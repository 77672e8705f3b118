// One ts-mls member: its keys, its group state, and a commit that waits to be merged or dropped.
// Bytes are Uint8Array here; the driver turns them into base64.

import {
  branchGroup,
  bytesToBase64,
  ciphersuites,
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  decodeGroupState,
  decodeMlsMessage,
  defaultCapabilities,
  encodeGroupState,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  joinGroupFromBranch,
  joinGroupFromReinit,
  makePskIndex,
  mlsExporter,
  processPrivateMessage,
  processPublicMessage,
  proposeAddExternal,
  reinitCreateNewGroup,
  reinitGroup,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { createGroupInfoWithRatchetTree } from "ts-mls/createCommit.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { decryptSenderData } from "ts-mls/privateMessage.js";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";

const SECONDS_PER_DAY = 86_400n;
const LIFETIME_DAYS = 30n;

export class Refused extends Error {
  constructor(message) {
    super(message);
    this.name = "Refused";
  }
}

async function implementation(number) {
  const name = Object.keys(ciphersuites).find((key) => ciphersuites[key] === number);
  if (name === undefined) throw new Refused(`no suite ${number}`);
  return getCiphersuiteImpl(getCiphersuiteFromName(name));
}

/** The value, which must encode to the same bytes: ts-mls itself lets trailing bytes and over-long lengths pass. */
function canonical(bytes, decode, encode) {
  const decoded = decode(bytes, 0);
  if (decoded === undefined) throw new Refused("does not decode");
  if (Buffer.compare(Buffer.from(encode(decoded[0])), Buffer.from(bytes)) !== 0) throw new Refused("not canonical");
  return decoded[0];
}

const decodeWhole = (bytes) => canonical(bytes, decodeMlsMessage, encodeMlsMessage);

function body(bytes, wireformat, field) {
  const message = decodeWhole(bytes);
  if (message.wireformat !== wireformat) throw new Refused(`${message.wireformat} where ${wireformat} belongs`);
  return message[field];
}

const frame = (wireformat, field, value) => encodeMlsMessage({ version: "mls10", wireformat, [field]: value });

export class Member {
  constructor(suite, identity, keys, config) {
    this.suite = suite;
    this.identity = identity;
    this.keys = keys;
    this.config = config;
    this.packages = new Map(); // by KeyPackageRef, base64
    this.state = undefined;
    this.staged = undefined;
  }

  static async make({ suite, identity, padding, past_epochs, skipped_generations, max_forward }) {
    const impl = await implementation(suite);
    const config = {
      ...defaultClientConfig,
      keyRetentionConfig: {
        retainKeysForEpochs: past_epochs,
        retainKeysForGenerations: skipped_generations,
        maximumForwardRatchetSteps: max_forward,
      },
      paddingConfig:
        padding === undefined
          ? defaultClientConfig.paddingConfig
          : { kind: "padUntilLength", padUntilLength: padding },
    };
    return new Member(impl, identity, await impl.signature.keygen(), config);
  }

  async newPackage() {
    const now = BigInt(Math.floor(Date.now() / 1000));
    const lifetime = { notBefore: now - SECONDS_PER_DAY, notAfter: now + LIFETIME_DAYS * SECONDS_PER_DAY };
    const credential = { credentialType: "basic", identity: this.identity };
    return generateKeyPackageWithKey(credential, defaultCapabilities(), lifetime, [], this.keys, this.suite);
  }

  async keyPackage() {
    const made = await this.newPackage();
    this.packages.set(bytesToBase64(await makeKeyPackageRef(made.publicPackage, this.suite.hash)), made);
    return { key_package: frame("mls_key_package", "keyPackage", made.publicPackage) };
  }

  async create({ group_id }) {
    const { publicPackage, privatePackage } = await this.newPackage();
    this.state = await createGroup(group_id, publicPackage, privatePackage, [], this.suite, this.config);
  }

  async join({ welcome, ratchet_tree, psks }) {
    const value = body(welcome, "mls_welcome", "welcome");
    const refs = value.secrets.map((secret) => bytesToBase64(secret.newMember));
    const ref = refs.find((candidate) => this.packages.has(candidate));
    if (ref === undefined) throw new Refused("a Welcome for other key packages");
    const { publicPackage, privatePackage } = this.packages.get(ref);
    if (value.cipherSuite !== this.suite.name) throw new Refused("a Welcome of another suite");
    const tree = ratchet_tree && canonical(ratchet_tree, decodeRatchetTree, encodeRatchetTree);
    const index = makePskIndex(undefined, byId(psks));
    this.state = await joinGroup(value, publicPackage, privatePackage, index, this.suite, tree, undefined, this.config);
    this.packages.delete(ref);
  }

  async commit({ add = [], remove = [], psks = [], known_psks = [], extensions, public: wire, tree_in_welcome = true }) {
    const extraProposals = [
      ...remove.map((removed) => ({ proposalType: "remove", remove: { removed } })),
      ...add.map((bytes) => addition(bytes)),
      ...psks.map(({ id }) => this.pskProposal(id)),
      ...(extensions === undefined ? [] : [contextExtensions(extensions)]),
    ];
    const context = {
      state: this.state,
      cipherSuite: this.suite,
      pskIndex: makePskIndex(this.state, byId([...psks, ...known_psks])),
    };
    const options = { extraProposals, wireAsPublicMessage: wire, ratchetTreeExtension: tree_in_welcome };
    const made = await createCommit(context, options);
    this.staged = made.newState;
    return {
      message: encodeMlsMessage(made.commit),
      welcome: made.welcome && frame("mls_welcome", "welcome", made.welcome),
      ratchet_tree: made.welcome && !tree_in_welcome ? encodeRatchetTree(made.newState.ratchetTree) : undefined,
    };
  }

  merge() {
    if (this.staged === undefined) throw new Refused("nothing is staged");
    this.state = this.staged;
    this.staged = undefined;
  }

  drop() {
    this.staged = undefined;
  }

  async propose({ add, remove, psk, public: wire = false }) {
    const proposal =
      add !== undefined
        ? addition(add)
        : psk !== undefined
          ? this.pskProposal(psk)
          : { proposalType: "remove", remove: { removed: remove } };
    const made = await createProposal(this.state, wire, proposal, this.suite);
    this.state = made.newState;
    return { message: encodeMlsMessage(made.message) };
  }

  /** With the external key as RFC 9420 12.4.3.2 has it, or bare, as ts-mls itself reads and writes it. */
  async groupInfo({ bare }) {
    const { groupContext, keySchedule, ratchetTree, confirmationTag } = this.state;
    if (bare) {
      const info = await createGroupInfoWithExternalPubAndRatchetTree(this.state, [], this.suite);
      return { message: frame("mls_group_info", "groupInfo", info) };
    }
    const pair = await this.suite.hpke.deriveKeyPair(keySchedule.externalSecret);
    const key = await this.suite.hpke.exportPublicKey(pair.publicKey);
    const length = key.length < 64 ? [key.length] : [0x40 | (key.length >> 8), key.length & 0xff];
    const external = { extensionType: "external_pub", extensionData: Uint8Array.from([...length, ...key]) };
    const made = [groupContext, confirmationTag, this.state, ratchetTree, [external], this.suite];
    return { message: frame("mls_group_info", "groupInfo", await createGroupInfoWithRatchetTree(...made)) };
  }

  async enter({ group_info, resync }) {
    const info = body(group_info, "mls_group_info", "groupInfo");
    const { publicPackage, privatePackage } = await this.newPackage();
    const keys = [publicPackage, privatePackage, resync, this.suite, undefined, this.config];
    const { publicMessage, newState } = await joinGroupExternal(info, ...keys);
    this.staged = newState;
    return { message: frame("mls_public_message", "publicMessage", publicMessage) };
  }

  /** A proposal to add oneself, with a key package for the Welcome that will come. */
  async ask({ group_info }) {
    const made = await this.newPackage();
    this.packages.set(bytesToBase64(await makeKeyPackageRef(made.publicPackage, this.suite.hash)), made);
    const info = body(group_info, "mls_group_info", "groupInfo");
    const message = await proposeAddExternal(info, made.publicPackage, made.privatePackage, this.suite);
    return { message: encodeMlsMessage(message) };
  }

  async reinit({ group_id }) {
    const made = await reinitGroup(this.state, group_id, "mls10", this.suite.name, [], this.suite);
    this.staged = made.newState;
    return { message: encodeMlsMessage(made.commit) };
  }

  /** The group in this one's place (`branch` undefined), or a branch of it by that id. */
  async follow({ packages, branch }) {
    const { publicPackage, privatePackage } = await this.newPackage();
    const others = packages.map((bytes) => body(bytes, "mls_key_package", "keyPackage"));
    const own = [this.state, publicPackage, privatePackage, others];
    const { reinit } = this.state.groupActiveState;
    const made =
      branch === undefined
        ? await reinitCreateNewGroup(...own, reinit.groupId, reinit.cipherSuite, reinit.extensions)
        : await branchGroup(...own, branch, this.suite);
    this.state = { ...made.newState, clientConfig: this.config };
    return { welcome: frame("mls_welcome", "welcome", made.welcome), ratchet_tree: encodeRatchetTree(this.state.ratchetTree) };
  }

  async joinFollowing({ welcome, ratchet_tree, branch }) {
    const value = body(welcome, "mls_welcome", "welcome");
    const ref = value.secrets.map((secret) => bytesToBase64(secret.newMember)).find((r) => this.packages.has(r));
    const { publicPackage, privatePackage } = this.packages.get(ref);
    const tree = ratchet_tree && canonical(ratchet_tree, decodeRatchetTree, encodeRatchetTree);
    const given = [this.state, value, publicPackage, privatePackage, tree];
    const state = branch ? await joinGroupFromBranch(...given, this.suite) : await joinGroupFromReinit(...given);
    this.state = { ...state, clientConfig: this.config };
  }

  async send({ plaintext, authenticated_data }) {
    const made = await createApplicationMessage(this.state, plaintext, this.suite, authenticated_data);
    this.state = made.newState;
    return { message: frame("mls_private_message", "privateMessage", made.privateMessage) };
  }

  /** Nothing has changed where this throws. `sender` is the leaf that ts-mls's own result leaves out. */
  async process({ message, psks = [] }) {
    const index = makePskIndex(this.state, byId(psks));
    const decoded = decodeWhole(message);
    if (decoded.wireformat === "mls_public_message") {
      const { sender, contentType, authenticatedData } = decoded.publicMessage.content;
      const found = await processPublicMessage(this.state, decoded.publicMessage, index, this.suite);
      this.state = found.newState;
      return { kind: contentType, sender: sender.leafIndex ?? -1, authenticated_data: authenticatedData, ...this.standing() };
    }
    if (decoded.wireformat !== "mls_private_message") throw new Refused("not a message of a group");
    const { privateMessage } = decoded;
    const before = this.state;
    const found = await processPrivateMessage(before, privateMessage, index, this.suite);
    const secret =
      privateMessage.epoch === before.groupContext.epoch
        ? before.keySchedule.senderDataSecret
        : before.historicalReceiverData.get(privateMessage.epoch).senderDataSecret;
    const { leafIndex, generation } = await decryptSenderData(privateMessage, secret, this.suite);
    this.state = found.newState;
    return {
      kind: privateMessage.contentType,
      sender: leafIndex,
      epoch: Number(privateMessage.epoch),
      generation,
      plaintext: found.kind === "applicationMessage" ? found.message : undefined,
      authenticated_data: privateMessage.authenticatedData,
      ...this.standing(),
    };
  }

  standing() {
    return { self_removed: this.state.groupActiveState.kind === "removedFromGroup" };
  }

  async view({ label, context, length }) {
    const { groupContext, keySchedule, ratchetTree, privatePath } = this.state;
    return {
      epoch: Number(groupContext.epoch),
      group_id: groupContext.groupId,
      own_leaf: privatePath.leafIndex,
      tree_hash: groupContext.treeHash,
      tree: encodeRatchetTree(ratchetTree),
      epoch_authenticator: keySchedule.epochAuthenticator,
      exported: await mlsExporter(keySchedule.exporterSecret, label, context, length, this.suite),
      members: ratchetTree.flatMap((node, index) =>
        node?.nodeType === "leaf"
          ? [
              {
                leaf_index: index / 2,
                identity: node.leaf.credential.identity,
                signature_key: node.leaf.signaturePublicKey,
                encryption_key: node.leaf.hpkePublicKey,
              },
            ]
          : [],
      ),
    };
  }

  save() {
    return { state: encodeGroupState(this.state) };
  }

  load({ state }) {
    this.state = { ...canonical(state, decodeGroupState, encodeGroupState), clientConfig: this.config };
  }

  pskProposal(pskId) {
    const pskNonce = this.suite.rng.randomBytes(this.suite.kdf.size);
    return { proposalType: "psk", psk: { preSharedKeyId: { psktype: "external", pskId, pskNonce } } };
  }
}

const addition = (bytes) => ({
  proposalType: "add",
  add: { keyPackage: body(bytes, "mls_key_package", "keyPackage") },
});

const contextExtensions = (extensions) => ({
  proposalType: "group_context_extensions",
  groupContextExtensions: {
    extensions: extensions.map(({ type, data }) => ({ extensionType: type, extensionData: data })),
  },
});

const byId = (psks = []) => Object.fromEntries(psks.map(({ id, secret }) => [bytesToBase64(id), secret]));
