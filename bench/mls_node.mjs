// The ts-mls side of `bench/mls.py`: JSON lines in and out, each answer with the processor time of its step alone.
// `cpu_us` counts all threads of this process (process.cpuUsage): WebCrypto works in a pool of them.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const interop = createRequire(new URL("../tests/interop/package.json", import.meta.url));
const library = (name) => import(pathToFileURL(interop.resolve(name)).href);
const mls = await library("ts-mls");
const { defaultClientConfig } = await library("ts-mls/clientConfig.js");

const members = new Map();
const psks = mls.makePskIndex(undefined, {});
const LIFETIME = { notBefore: 0n, notAfter: 1n << 40n };

const config = (windows) => ({
  ...defaultClientConfig,
  keyRetentionConfig: {
    retainKeysForEpochs: windows.past_epochs,
    retainKeysForGenerations: windows.skipped_generations,
    maximumForwardRatchetSteps: windows.max_forward,
  },
});

async function timed(step) {
  const began = process.cpuUsage();
  const value = await step();
  const { user, system } = process.cpuUsage(began);
  return [value, user + system];
}

const decode = (bytes) => mls.decodeMlsMessage(bytes, 0)[0];
const encode = (wireformat, field, value) => mls.encodeMlsMessage({ version: "mls10", wireformat, [field]: value });

async function newPackage({ suite, identity, keys }) {
  const credential = { credentialType: "basic", identity };
  return mls.generateKeyPackageWithKey(credential, mls.defaultCapabilities(), LIFETIME, [], keys, suite);
}

function join(member, welcome) {
  const { publicPackage, privatePackage } = member.made;
  return mls.joinGroup(decode(welcome).welcome, publicPackage, privatePackage, psks, member.suite, undefined, undefined, member.config);
}

function commit(state, suite, add = []) {
  const extraProposals = add.map((keyPackage) => ({ proposalType: "add", add: { keyPackage } }));
  return mls.createCommit({ state, cipherSuite: suite, pskIndex: psks }, { extraProposals, ratchetTreeExtension: true });
}

const ACTIONS = {
  async new(_, { name, suite: number, identity, windows }) {
    const known = Object.keys(mls.ciphersuites).find((key) => mls.ciphersuites[key] === number);
    const suite = await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(known));
    const member = { suite, identity, keys: await suite.signature.keygen(), config: config(windows) };
    member.made = await newPackage(member);
    members.set(name, member);
    return { package: encode("mls_key_package", "keyPackage", member.made.publicPackage) };
  },

  /** The packages of both are made before: theirs to make is the group, the commit, the Welcome, and to join by it. */
  async pair(member) {
    const founder = { ...member, identity: new Uint8Array(7), keys: await member.suite.signature.keygen() };
    const { publicPackage, privatePackage } = await newPackage(founder);
    const [, cpu_us] = await timed(async () => {
      const id = crypto.getRandomValues(new Uint8Array(16));
      const state = await mls.createGroup(id, publicPackage, privatePackage, [], member.suite, member.config);
      const made = await commit(state, member.suite, [member.made.publicPackage]);
      await join(member, encode("mls_welcome", "welcome", made.welcome));
    });
    return { cpu_us };
  },

  async join(member, { data }) {
    const [state, cpu_us] = await timed(() => join(member, data));
    member.state = state;
    return { cpu_us };
  },

  async commit(member) {
    const [data, cpu_us] = await timed(async () => {
      const made = await commit(member.state, member.suite);
      member.state = made.newState;
      return mls.encodeMlsMessage(made.commit);
    });
    return { cpu_us, data };
  },

  async process(member, { data }) {
    const [, cpu_us] = await timed(async () => {
      const found = await mls.processPrivateMessage(member.state, decode(data).privateMessage, psks, member.suite);
      member.state = found.newState;
    });
    return { cpu_us, authenticator: member.state.keySchedule.epochAuthenticator };
  },

  async protect(member, { plaintext, count }) {
    const [messages, cpu_us] = await timed(async () => {
      const sent = [];
      for (let number = 0; number < count; number += 1) {
        const made = await mls.createApplicationMessage(member.state, plaintext, member.suite);
        member.state = made.newState;
        sent.push(encode("mls_private_message", "privateMessage", made.privateMessage));
      }
      return sent;
    });
    return { cpu_us, messages };
  },

  async unprotect(member, { messages }) {
    const [plaintexts, cpu_us] = await timed(async () => {
      const opened = [];
      for (const message of messages) {
        const found = await mls.processPrivateMessage(member.state, decode(message).privateMessage, psks, member.suite);
        member.state = found.newState;
        opened.push(found.message);
      }
      return opened;
    });
    return { cpu_us, plaintexts };
  },

  async save(member) {
    const [data, cpu_us] = await timed(() => mls.encodeGroupState(member.state));
    member.saved = data;
    return { cpu_us, bytes: data.length };
  },

  async load(member) {
    const [, cpu_us] = await timed(() => {
      member.state = { ...mls.decodeGroupState(member.saved, 0)[0], clientConfig: member.config };
    });
    return { cpu_us };
  },
};

const receive = (_key, value) =>
  typeof value?.bytes === "string" ? Uint8Array.from(Buffer.from(value.bytes, "base64")) : value;
const send = (_key, value) =>
  value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("base64") } : value;

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    const { do: action, ...order } = JSON.parse(line, receive);
    result = await ACTIONS[action](members.get(order.name), order);
  } catch (error) {
    result = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(result, send)}\n`);
}
