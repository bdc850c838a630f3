/**
 * Journals on disks that are laid out again elsewhere: there, the folders are other inodes, and a MAC that was right would be
 * wrong. So a picture of a disk keeps, in place of a right MAC, the key that it was made with; a disk that is laid out gets
 * the MAC of its own folders by that key. A wrong MAC stays a wrong one.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bindingOf } from "../../../src/node/back/transaction/journal/journal-file.ts";

const STAGING = /^\.spectrum06_(?:staging|new)_/;
const HEX = 64;

/** Whether an address is that of a journal in a staging folder, also while it is being written. */
export function isJournal(address: string): boolean {
  return /^journal(?:\.new)?$/.test(basename(address)) && STAGING.test(basename(dirname(address)));
}

/** The bytes of a journal as a picture keeps them. `key` is the user's, undefined where there is none. */
export function unbind(bytes: Buffer, address: string, key: Buffer | undefined): Buffer {
  const content = contentOf(bytes);
  if (content === undefined || key === undefined) return bytes;
  const isRight = bytes.equals(withTail(content, macOf(content, address, key)));
  return isRight ? withTail(content, key.toString("hex")) : bytes;
}

/** Gives each journal below a folder the MAC of where it stands now. */
export function rebindAll(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const address of names.map((name) => join(folder, name)).filter(isJournal)) {
    const bytes = readFileSync(address);
    const content = contentOf(bytes);
    if (content === undefined) continue;
    const key = Buffer.from(bytes.subarray(-HEX - 1, -1).toString("latin1"), "hex");
    writeFileSync(address, withTail(content, macOf(content, address, key)));
  }
}

/** The key in a state folder, undefined where there is none. */
export function keyIn(state: string): Buffer | undefined {
  try {
    return readFileSync(join(state, "runseal/journal/key"));
  } catch {
    return undefined;
  }
}

function contentOf(bytes: Buffer): Buffer | undefined {
  const end = bytes.length - HEX - 2;
  const isWhole = end > 0 && /^\n[0-9a-f]{64}\n$/.test(bytes.subarray(end).toString("latin1"));
  return isWhole ? bytes.subarray(0, end) : undefined;
}

function withTail(content: Buffer, hex: string): Buffer {
  return Buffer.concat([content, Buffer.from(`\n${hex}\n`)]);
}

function macOf(content: Buffer, address: string, key: Buffer): string {
  const staging = dirname(address);
  const [holder, own] = [dirname(staging), staging].map((path) => statSync(path, { bigint: true }));
  if (holder === undefined || own === undefined) throw new TypeError("two folders have two identities");
  const binding = bindingOf(basename(staging), holder, own);
  return createHmac("sha256", key).update(`RUNSEAL-JOURNAL-v2:${binding}`).update(content).digest("hex");
}
