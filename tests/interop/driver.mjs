// Members of ts-mls, driven by JSON lines: one request a line in, one answer a line out, in order.
//   {"member": "anna", "do": "send", "plaintext": {"bytes": "<base64>"}}  ->  {"message": {"bytes": "<base64>"}}
// What ts-mls refuses comes back as {"error": name, "detail": text}; then the member is as before.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { Member } from "./member.mjs";

const members = new Map();

const ACTIONS = {
  key_package: (member) => member.keyPackage(),
  create: (member, order) => member.create(order),
  join: (member, order) => member.join(order),
  commit: (member, order) => member.commit(order),
  merge: (member) => member.merge(),
  drop: (member) => member.drop(),
  propose: (member, order) => member.propose(order),
  group_info: (member, order) => member.groupInfo(order),
  enter: (member, order) => member.enter(order),
  ask: (member, order) => member.ask(order),
  reinit: (member, order) => member.reinit(order),
  follow: (member, order) => member.follow(order),
  join_following: (member, order) => member.joinFollowing(order),
  send: (member, order) => member.send(order),
  process: (member, order) => member.process(order),
  view: (member, order) => member.view(order),
  save: (member) => member.save(),
  load: (member, order) => member.load(order),
};

function version() {
  const path = new URL("./node_modules/ts-mls/package.json", import.meta.url);
  return { version: JSON.parse(readFileSync(path, "utf8")).version, node: process.version };
}

async function answer({ member: name, do: action, ...order }) {
  if (action === "version") return version();
  if (action === "new") {
    members.set(name, await Member.make(order));
    return { signature_key: members.get(name).keys.publicKey };
  }
  const member = members.get(name);
  if (member === undefined) throw new Error(`no member ${name}`);
  const known = Object.hasOwn(ACTIONS, action);
  if (!known) throw new Error(`no action ${action}`);
  return (await ACTIONS[action](member, order)) ?? {};
}

const receive = (_key, value) =>
  typeof value?.bytes === "string" ? Uint8Array.from(Buffer.from(value.bytes, "base64")) : value;

const send = (_key, value) =>
  value instanceof Uint8Array ? { bytes: Buffer.from(value).toString("base64") } : value;

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = await answer(JSON.parse(line, receive));
  } catch (error) {
    result = { error: error?.name ?? "Error", detail: String(error?.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(result, send)}\n`);
}
