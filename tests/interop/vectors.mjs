// Runs files of MLS test vectors with ts-mls: `node vectors.mjs FILE...`, one JSON line for each, as the Python runner prints.
// It verifies what Python wrote (vectors/mls-83) with another implementation's functions.

import { readFileSync } from "node:fs";
import { basename } from "node:path";

import {
  bytesToBase64,
  ciphersuites,
  decodeMlsMessage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  makePskIndex,
  mlsExporter,
  processPrivateMessage,
  processPublicMessage,
} from "ts-mls";
import { decodeAuthenticatedContent } from "ts-mls/authenticatedContent.js";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { decryptWithLabel, encryptWithLabel } from "ts-mls/crypto/hpke.js";
import { refhash } from "ts-mls/crypto/hash.js";
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "ts-mls/crypto/kdf.js";
import { signWithLabel, verifyWithLabel } from "ts-mls/crypto/signature.js";
import { encodeGroupContext } from "ts-mls/groupContext.js";
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { verifyLeafNodeSignature, verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { verifyParentHashes } from "ts-mls/parentHash.js";
import { computePskSecret } from "ts-mls/presharedkey.js";
import { decodeProposal, encodeProposal } from "ts-mls/proposal.js";
import {
  addLeafNode,
  decodeRatchetTree,
  encodeRatchetTree,
  removeLeafNode,
  resolution,
  updateLeafNode,
} from "ts-mls/ratchetTree.js";
import { createSecretTree, ratchetToGeneration } from "ts-mls/secretTree.js";
import { createConfirmedHash, createInterimHash } from "ts-mls/transcriptHash.js";
import { treeHash, treeHashRoot } from "ts-mls/treeHash.js";
import { applyUpdatePath, decodeUpdatePath } from "ts-mls/updatePath.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";

const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");
const whole = (decode, data) => {
  const [value, used] = decode(data, 0) ?? [];
  if (used !== data.length) throw new Error("does not decode as a whole");
  return value;
};
function same(found, expected, what) {
  const shown = found instanceof Uint8Array ? hex(found) : JSON.stringify(found);
  const wanted = typeof expected === "string" ? expected : JSON.stringify(expected);
  if (shown !== wanted) throw new Error(`${what} is another`);
}

const contextOf = (case_, number, { epoch, tree_hash, confirmed_transcript_hash, group_id }) => ({
  version: "mls10",
  cipherSuite: getCiphersuiteFromName(nameOf(number)).name,
  groupId: bytes(group_id ?? case_.group_id),
  epoch: BigInt(epoch),
  treeHash: bytes(tree_hash),
  confirmedTranscriptHash: bytes(confirmed_transcript_hash),
  extensions: [],
});
const nameOf = (number) => Object.keys(ciphersuites).find((key) => ciphersuites[key] === number);

const config = {
  ...defaultClientConfig,
  keyRetentionConfig: { retainKeysForEpochs: 1000, retainKeysForGenerations: 1000, maximumForwardRatchetSteps: 1000 },
};

const KINDS = {
  "crypto-basics": cryptoBasics,
  "key-schedule": keySchedule,
  psk_secret: pskSecret,
  "secret-tree": secretTree,
  "transcript-hashes": transcriptHashes,
  "message-protection": messageProtection,
  "tree-operations": treeOperations,
  "tree-validation": treeValidation,
  treekem: treeKem,
  welcome,
};

async function cryptoBasics(case_, cs) {
  let c = case_.ref_hash;
  same(await refhash(c.label, bytes(c.value), cs.hash), c.out, "ref_hash");
  c = case_.expand_with_label;
  same(await expandWithLabel(bytes(c.secret), c.label, bytes(c.context), c.length, cs.kdf), c.out, "expand_with_label");
  c = case_.derive_secret;
  same(await deriveSecret(bytes(c.secret), c.label, cs.kdf), c.out, "derive_secret");
  c = case_.derive_tree_secret;
  same(await deriveTreeSecret(bytes(c.secret), c.label, c.generation, c.length, cs.kdf), c.out, "derive_tree_secret");
  c = case_.sign_with_label;
  const [pub, content] = [bytes(c.pub), bytes(c.content)];
  for (const signature of [bytes(c.signature), await signWithLabel(bytes(c.priv), c.label, content, cs.signature)])
    if (!(await verifyWithLabel(pub, c.label, content, signature, cs.signature))) throw new Error("a signature");
  c = case_.encrypt_with_label;
  const key = await cs.hpke.importPrivateKey(bytes(c.priv));
  const open = (output, text) => decryptWithLabel(key, c.label, bytes(c.context), output, text, cs.hpke);
  same(await open(bytes(c.kem_output), bytes(c.ciphertext)), c.plaintext, "decrypt_with_label");
  const to = await cs.hpke.importPublicKey(bytes(c.pub));
  const sealed = await encryptWithLabel(to, c.label, bytes(c.context), bytes(c.plaintext), cs.hpke);
  same(await open(sealed.enc, sealed.ct), c.plaintext, "encrypt_with_label");
}

async function keySchedule(case_, cs) {
  let init = bytes(case_.initial_init_secret);
  for (const [number, c] of case_.epochs.entries()) {
    const context = contextOf(case_, case_.cipher_suite, { ...c, epoch: number });
    same(encodeGroupContext(context), c.group_context, "the group context");
    const found = await initializeEpoch(init, bytes(c.commit_secret), context, bytes(c.psk_secret), cs.kdf);
    const keys = found.keySchedule;
    same(found.joinerSecret, c.joiner_secret, "joiner_secret");
    same(found.welcomeSecret, c.welcome_secret, "welcome_secret");
    same(found.encryptionSecret, c.encryption_secret, "encryption_secret");
    same(keys.senderDataSecret, c.sender_data_secret, "sender_data_secret");
    same(keys.exporterSecret, c.exporter_secret, "exporter_secret");
    same(keys.externalSecret, c.external_secret, "external_secret");
    same(keys.confirmationKey, c.confirmation_key, "confirmation_key");
    same(keys.membershipKey, c.membership_key, "membership_key");
    same(keys.resumptionPsk, c.resumption_psk, "resumption_psk");
    same(keys.epochAuthenticator, c.epoch_authenticator, "epoch_authenticator");
    same(keys.initSecret, c.init_secret, "init_secret");
    const pair = await cs.hpke.deriveKeyPair(keys.externalSecret);
    same(await cs.hpke.exportPublicKey(pair.publicKey), c.external_pub, "external_pub");
    const e = c.exporter;
    same(await mlsExporter(keys.exporterSecret, e.label, bytes(e.context), e.length, cs), e.secret, "the export");
    init = keys.initSecret;
  }
}

async function pskSecret(case_, cs) {
  const psks = case_.psks.map((p) => [
    { psktype: "external", pskId: bytes(p.psk_id), pskNonce: bytes(p.psk_nonce) },
    bytes(p.psk),
  ]);
  same(await computePskSecret(psks, cs), case_.psk_secret, "psk_secret");
}

async function secretTree(case_, cs) {
  const s = case_.sender_data;
  const sample = bytes(s.ciphertext).slice(0, cs.kdf.size);
  const secret = bytes(s.sender_data_secret);
  same(await expandWithLabel(secret, "key", sample, cs.hpke.keyLength, cs.kdf), s.key, "the sender data key");
  same(await expandWithLabel(secret, "nonce", sample, cs.hpke.nonceLength, cs.kdf), s.nonce, "the sender data nonce");
  const tree = await createSecretTree(case_.leaves.length, bytes(case_.encryption_secret), cs.kdf);
  for (const [leafIndex, generations] of case_.leaves.entries()) {
    for (const g of generations) {
      for (const [kind, name] of [
        ["commit", "handshake"],
        ["application", "application"],
      ]) {
        const at = { leafIndex, generation: g.generation, reuseGuard: new Uint8Array(4) };
        const found = await ratchetToGeneration(tree, at, kind, config.keyRetentionConfig, cs);
        same(found.key, g[`${name}_key`], `${name} key`);
        same(found.nonce, g[`${name}_nonce`], `${name} nonce`);
      }
    }
  }
}

async function transcriptHashes(case_, cs) {
  const message = whole(decodeAuthenticatedContent, bytes(case_.authenticated_content));
  const input = { wireformat: message.wireformat, content: message.content, signature: message.auth.signature };
  const confirmed = await createConfirmedHash(bytes(case_.interim_transcript_hash_before), input, cs.hash);
  same(confirmed, case_.confirmed_transcript_hash_after, "the confirmed hash");
  const tag = message.auth.confirmationTag;
  same(await cs.hash.mac(bytes(case_.confirmation_key), confirmed), hex(tag), "the confirmation tag");
  same(await createInterimHash(confirmed, tag, cs.hash), case_.interim_transcript_hash_after, "the interim hash");
}

async function messageProtection(case_, cs) {
  const context = contextOf(case_, case_.cipher_suite, case_);
  const key = bytes(case_.signature_pub);
  const leaf = { nodeType: "leaf", leaf: { signaturePublicKey: key } };
  const tree = [leaf, undefined, leaf];
  for (const name of ["proposal", "commit", "application"]) {
    const secrets = await createSecretTree(2, bytes(case_.encryption_secret), cs.kdf);
    const { privateMessage } = whole(decodeMlsMessage, bytes(case_[`${name}_priv`]));
    const opened = await unprotectPrivateMessage(
      bytes(case_.sender_data_secret),
      privateMessage,
      secrets,
      tree,
      context,
      config.keyRetentionConfig,
      cs,
      key,
    );
    checkBody(name, opened.content.content, case_);
    if (name === "application") continue;
    const { publicMessage } = whole(decodeMlsMessage, bytes(case_[`${name}_pub`]));
    const found = await unprotectPublicMessage(bytes(case_.membership_key), context, tree, publicMessage, cs, key);
    checkBody(name, found.content, case_);
  }
}

function checkBody(name, content, case_) {
  if (name === "application") same(content.applicationData, case_.application, name);
  else if (name === "proposal") same(encodeProposal(content.proposal), case_.proposal, name);
  else if (content.commit.proposals.length !== 1) throw new Error("the commit is another");
}

async function treeOperations(case_, cs) {
  const tree = whole(decodeRatchetTree, bytes(case_.tree_before));
  same(await treeHashRoot(tree, cs.hash), case_.tree_hash_before, "the tree hash before");
  const proposal = whole(decodeProposal, bytes(case_.proposal));
  const after = {
    add: () => addLeafNode(tree, proposal.add.keyPackage.leafNode)[0],
    update: () => updateLeafNode(tree, proposal.update.leafNode, case_.proposal_sender),
    remove: () => removeLeafNode(tree, proposal.remove.removed),
  }[proposal.proposalType]();
  same(encodeRatchetTree(after), case_.tree_after, "the tree after");
  same(await treeHashRoot(after, cs.hash), case_.tree_hash_after, "the tree hash after");
}

async function treeValidation(case_, cs) {
  const tree = whole(decodeRatchetTree, bytes(case_.tree));
  same(encodeRatchetTree(tree), case_.tree, "the tree encoded again");
  for (const [node, expected] of case_.resolutions.entries()) same(resolution(tree, node), expected, `resolution ${node}`);
  for (const [node, expected] of case_.tree_hashes.entries())
    same(await treeHash(tree, node, cs.hash), expected, `the hash of ${node}`);
  if (!(await verifyParentHashes(tree, cs.hash))) throw new Error("a parent hash");
  for (const [at, node] of tree.entries())
    if (node?.nodeType === "leaf") await checkLeaf(node.leaf, bytes(case_.group_id), at / 2, cs);
}

async function checkLeaf(leaf, groupId, leafIndex, cs) {
  const right =
    leaf.leafNodeSource === "key_package"
      ? await verifyLeafNodeSignatureKeyPackage(leaf, cs.signature)
      : await verifyLeafNodeSignature(leaf, groupId, leafIndex, cs.signature);
  if (!right) throw new Error(`the signature of leaf ${leafIndex}`);
}

async function treeKem(case_, cs) {
  const tree = whole(decodeRatchetTree, bytes(case_.ratchet_tree));
  for (const update of case_.update_paths) {
    const path = whole(decodeUpdatePath, bytes(update.update_path));
    const merged = await applyUpdatePath(tree, update.sender, path, cs.hash);
    const hash = await treeHashRoot(merged, cs.hash);
    same(hash, update.tree_hash_after, "the tree hash after");
    const context = contextOf(case_, case_.cipher_suite, { ...case_, tree_hash: hex(hash) });
    for (const member of case_.leaves_private)
      if (member.index !== update.sender) await openPath(case_, tree, path, update, member, encodeGroupContext(context), cs);
  }
}

/** A member opens its path secret with the key of its leaf or of a node that it knows, and derives the commit secret. */
async function openPath(case_, tree, path, update, member, context, cs) {
  const keys = { [2 * member.index]: await cs.hpke.importPrivateKey(bytes(member.encryption_priv)) };
  for (const { node, path_secret } of member.path_secrets) {
    const pair = await cs.hpke.deriveKeyPair(await deriveSecret(bytes(path_secret), "node", cs.kdf));
    same(await cs.hpke.exportPublicKey(pair.publicKey), hex(tree[node].parent.hpkePublicKey), `the key of node ${node}`);
    keys[node] = pair.privateKey;
  }
  for (const [at, { copath }] of directPath(tree, update.sender).entries()) {
    const readers = resolution(tree, copath);
    for (const [place, reader] of readers.entries()) {
      if (keys[reader] === undefined || !below(2 * member.index, copath)) continue;
      const { kemOutput, ciphertext } = path.nodes[at].encryptedPathSecret[place];
      let secret = await decryptWithLabel(keys[reader], "UpdatePathNode", context, kemOutput, ciphertext, cs.hpke);
      same(secret, update.path_secrets[member.index], "the path secret");
      for (let step = at; step < path.nodes.length; step++) secret = await deriveSecret(secret, "path", cs.kdf);
      return same(secret, update.commit_secret, "the commit secret");
    }
  }
  throw new Error(`no secret for member ${member.index}`);
}

const level = (x) => (x % 2 === 0 ? 0 : 1 + level((x - 1) / 2));
const below = (x, top) => Math.abs(x - top) < 2 ** level(top);
/** The nodes of the filtered direct path, each with the child beside it. */
function directPath(tree, leaf) {
  const found = [];
  for (let node = 2 * leaf; 2 ** (level(node) + 1) - 1 < tree.length; ) {
    const reach = 2 ** level(node);
    const parent = (node - (reach - 1)) % (4 * reach) === 0 ? node + reach : node - reach;
    const copath = 2 * parent - node;
    if (resolution(tree, copath).length > 0) found.push({ node: parent, copath });
    node = parent;
  }
  return found;
}

async function welcome(case_, cs) {
  const { keyPackage } = whole(decodeMlsMessage, bytes(case_.key_package));
  const { welcome: message } = whole(decodeMlsMessage, bytes(case_.welcome));
  const key = await cs.hpke.importPrivateKey(bytes(case_.init_priv));
  const secrets = await decryptGroupSecrets(key, await makeKeyPackageRef(keyPackage, cs.hash), message, cs.hpke);
  const psk = new Uint8Array(cs.kdf.size);
  const info = await decryptGroupInfo(message, secrets.joinerSecret, psk, cs);
  if (!(await verifyGroupInfoSignature(info, bytes(case_.signer_pub), cs.signature))) throw new Error("the signature");
  if (!(await verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, psk, cs))) throw new Error("the tag");
}

async function passive(case_, cs) {
  const { keyPackage } = whole(decodeMlsMessage, bytes(case_.key_package));
  const { welcome: message } = whole(decodeMlsMessage, bytes(case_.welcome));
  const keys = {
    initPrivateKey: bytes(case_.init_priv),
    hpkePrivateKey: bytes(case_.encryption_priv),
    signaturePrivateKey: bytes(case_.signature_priv),
  };
  const psks = Object.fromEntries(case_.external_psks.map((p) => [bytesToBase64(bytes(p.psk_id)), bytes(p.psk)]));
  const tree = case_.ratchet_tree === null ? undefined : whole(decodeRatchetTree, bytes(case_.ratchet_tree));
  const index = makePskIndex(undefined, psks);
  let state = await joinGroup(message, keyPackage, keys, index, cs, tree, undefined, config);
  same(state.keySchedule.epochAuthenticator, case_.initial_epoch_authenticator, "the first authenticator");
  for (const [number, epoch] of case_.epochs.entries()) {
    for (const data of [...epoch.proposals, epoch.commit]) {
      const decoded = whole(decodeMlsMessage, bytes(data));
      const known = makePskIndex(state, psks);
      const found = decoded.publicMessage
        ? await processPublicMessage(state, decoded.publicMessage, known, cs)
        : await processPrivateMessage(state, decoded.privateMessage, known, cs);
      state = found.newState;
    }
    same(state.keySchedule.epochAuthenticator, epoch.epoch_authenticator, `the authenticator of epoch ${number}`);
  }
}

for (const file of process.argv.slice(2)) {
  const kind = basename(file, ".json");
  const run = KINDS[kind] ?? passive;
  const failures = [];
  const cases = JSON.parse(readFileSync(file, "utf8"));
  for (const [at, case_] of cases.entries()) {
    try {
      await run(case_, await getCiphersuiteImpl(getCiphersuiteFromName(nameOf(case_.cipher_suite))));
    } catch (error) {
      failures.push(`case ${at}: ${error?.name}: ${error?.message}`);
    }
  }
  const line = { file, kind, passed: cases.length - failures.length, failed: failures.length, failures };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
