/**
 * Reads a folder of packs by all of runseal's readers, and compares what they give with what the format says (pack-bytes.mjs).
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { PackIndex } from "../../dist/core/records/packs/pack-index.js";
import { findReliablePacks } from "../../dist/node/records/store/reliable-packs.js";
import {
  PACKS_COMPONENTS,
  packFolderOf,
  StoredObjects,
} from "../../dist/node/records/store/stored-objects.js";
import { AnchoredRoot } from "../../dist/node/system/files/anchored-root.js";
import { nodeFileSystem as fs } from "../../dist/node/system/files/file-system.js";
import { tidyPacks } from "../../dist/node/system/packs/folder-names.js";
import { listPacks, repairIndexes } from "../../dist/node/system/packs/pack-catalog.js";
import { PackReader } from "../../dist/node/system/packs/pack-reader.js";
import { entriesOf, HEAD_BYTES, indexOf, objectIn, readPack, sha256 } from "../support/store/pack-bytes.mjs";

/** What an invariant that does not hold throws. */
export class Broken extends Error {}

function insist(isTrue, text) {
  if (!isTrue) throw new Broken(text);
}

/**
 * Digests, in hex: `listed` are in good packs with right bytes and in their indexes, `healed` in packs without a wrong record, `named` in
 * any head.
 */
export function judgeFolder(folder) {
  const listed = new Set();
  const healed = new Set();
  const named = new Set();
  for (const [name, bytes] of folder) {
    if (!/^[0-9a-f]{64}\.pack$/.test(name) || !Buffer.isBuffer(bytes)) continue;
    const id = name.slice(0, 64);
    const records = readPack(id, bytes) ?? [];
    const index = folder.get(`${id}.idx`);
    // One with a right checksum is believed by readers until the next lock holder looks at it.
    const mayLie =
      Buffer.isBuffer(index) &&
      !index.equals(indexOf(id, entriesOf(records))) &&
      index.length > 32 &&
      sha256(index.subarray(0, -32)).equals(index.subarray(-32));
    // A pack has each digest once. Of a crafted one that has it twice, any may be read.
    const bad = new Set(
      records
        .filter((record) => objectIn(record) === undefined)
        .map((record) => record.toString("hex", 24, HEAD_BYTES)),
    );
    for (const record of records) {
      const digest = record.toString("hex", 24, HEAD_BYTES);
      named.add(digest);
      if (bad.has(digest)) continue;
      if (bad.size === 0) healed.add(digest);
      if (!mayLie) listed.add(digest);
    }
  }
  return { healed, listed, named };
}

/** Digests that a pack or a store gives; each was checked. */
export function readAll(project, digests) {
  const root = AnchoredRoot.open(project);
  try {
    const opened = StoredObjects.open(root, fs);
    insist(opened.ok, `StoredObjects.open: ${opened.code}`);
    const found = new Set();
    if (opened.value === undefined) return found;
    try {
      for (const digest of digests) {
        const object = opened.value.open(digest);
        const kind = opened.value.kindOf(digest);
        if (object === "missing") insist(kind === "missing", `kindOf is ${kind}, open says missing`);
        if (typeof object === "string") continue;
        insist("content" in object || "fd" in object, "open gives neither bytes nor a file");
        let bytes = object.content;
        if (bytes === undefined) {
          bytes = readFileSync(object.fd);
          fs.closeSync(object.fd);
          // Of a file, the caller compares the digest.
          if (sha256(bytes).toString("hex") !== digest) continue;
        }
        insist(kind === "file", `kindOf is ${kind}, open gives bytes`);
        insist(sha256(bytes).toString("hex") === digest, `wrong bytes for ${digest}`);
        found.add(digest);
      }
      return found;
    } finally {
      opened.value.close();
    }
  } finally {
    root.close();
  }
}

/** Reads with the packs' own reader, and compares with the format. */
function readPacks(catalog, digests, expected) {
  const reader = new PackReader(catalog, fs);
  try {
    for (const digest of digests) {
      const raw = Buffer.from(digest, "hex");
      const read = reader.read(raw, 0);
      if (read.kind === "bytes") insist(sha256(read.bytes).equals(raw), `wrong bytes for ${digest}`);
      else insist(!expected.has(digest), `${digest} is in a good pack and is ${read.kind}`);
      if (read.kind === "wrong" && read.actual !== undefined)
        insist(read.actual !== digest, "wrong, with the right digest");
    }
  } finally {
    reader.close();
  }
}

const photo = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .map(
      (entry) =>
        `${entry.name} ${entry.isFile() ? sha256(readFileSync(join(folder, entry.name))).toString("hex") : ""}`,
    )
    .sort()
    .join("\n");

const openFiles = () => readdirSync("/proc/self/fd").length;

/** Tries one folder, written to `project`/.runseal/packs. Throws `Broken`, or what runseal throws. */
export async function tryFolder(project, folder, known, chance) {
  const packs = join(project, ...PACKS_COMPONENTS);
  const { healed, listed, named } = judgeFolder(folder);
  const digests = [...new Set([...known, ...named, chance.bytes(32).toString("hex")])];
  digests.sort(() => chance.below(3) - 1);
  const before = photo(packs);
  const descriptors = openFiles();
  const found = readAll(project, digests);
  for (const digest of listed) insist(found.has(digest), `${digest} is in a good pack and is not read`);
  const root = AnchoredRoot.open(project);
  try {
    const dir = root.folder(PACKS_COMPONENTS);
    const held = packFolderOf(root, dir);
    readPacks(listPacks(held, fs), digests, listed);
    insist(photo(packs) === before, "a reader has changed the folder");
    // As the lock holder does before it seals.
    tidyPacks(dir, fs);
    repairIndexes(listPacks(held, fs), fs);
    const believed = await findReliablePacks(listPacks(held, fs), { fs, memory: undefined });
    for (const { id, index } of believed.known) checkBelief(folder.get(`${id}.pack`), new PackIndex(index));
    // It has read each record, and replaced the indexes of packs without a wrong one.
    readPacks(listPacks(held, fs), digests, new Set([...listed, ...healed]));
  } finally {
    root.close();
  }
  const after = readAll(project, digests);
  for (const digest of found) insist(after.has(digest), `${digest} was read, and is not read after tidying`);
  insist(
    openFiles() === descriptors,
    `descriptors stay open: ${readdirSync("/proc/self/fd").map(targetOf).join(" ")}`,
  );
}

function targetOf(fd) {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

/** A seal relies on each record that a believed index lists. */
function checkBelief(bytes, index) {
  for (let entry = 0; entry < index.count; entry++) {
    const { offset, size } = index.at(entry) ?? {};
    const digest = Buffer.alloc(32);
    index.copyDigest(entry, digest, 0);
    const record = bytes.subarray(offset, offset + HEAD_BYTES + size);
    const isRight = record.subarray(24, HEAD_BYTES).equals(digest) && objectIn(record) !== undefined;
    insist(isRight, `a seal would rely on ${digest.toString("hex")}`);
  }
}
