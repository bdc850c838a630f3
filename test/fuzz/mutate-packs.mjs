/**
 * Changes to a folder of packs, as a bad disk, a kill or an attacker makes them. A folder is a Map of names to bytes, or to
 * "link", "fifo" or "folder". All chance comes from the given source.
 *
 * @module
 */

import {
  entriesOf,
  HEAD_BYTES,
  HEADER,
  indexOf,
  MIB,
  packOf,
  readPack,
  recordOf,
  sha256,
} from "../support/store/pack-bytes.mjs";

/** Numbers on which readers stumble. */
const ODD_NUMBERS = [
  0n,
  1n,
  15n,
  16n,
  55n,
  56n,
  57n,
  0xffffn,
  2n ** 20n,
  2n ** 20n + 1n,
  2n ** 30n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 48n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

export class Chance {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to below the bound (mulberry32). */
  below(bound) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  pick(values) {
    return values[this.below(values.length)];
  }

  bytes(length) {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at += 4) {
      const word = this.below(2 ** 32);
      for (let part = 0; part < 4 && at + part < length; part++)
        bytes[at + part] = (word >>> (part * 8)) & 0xff;
    }
    return bytes;
  }
}

const isPack = (name) => /^[0-9a-f]{64}\.pack$/.test(name);
const isIndex = (name) => /^[0-9a-f]{64}\.idx$/.test(name);

function filesIn(folder, isWanted = () => true) {
  return [...folder].filter(([name, content]) => Buffer.isBuffer(content) && isWanted(name));
}

/** A pack whose records can be read, with its id. */
function pickPack(folder, chance) {
  const packs = filesIn(folder, isPack).flatMap(([name, bytes]) => {
    const records = readPack(name.slice(0, 64), bytes);
    return records === undefined ? [] : [{ id: name.slice(0, 64), bytes, records }];
  });
  return packs.length === 0 ? undefined : chance.pick(packs);
}

/** A place in a file: often where numbers are. */
function placeIn(name, bytes, chance) {
  if (bytes.length === 0) return 0;
  const places = [
    () => chance.below(bytes.length),
    () => Math.max(0, bytes.length - 1 - chance.below(HEAD_BYTES)),
  ];
  places.push(() => Math.min(bytes.length - 1, chance.below(HEADER.length)));
  const records = isPack(name) ? readPack(name.slice(0, 64), bytes) : undefined;
  if (records !== undefined && records.length > 0) {
    const { offset } = chance.pick(entriesOf(records));
    places.push(
      () => offset + chance.below(HEAD_BYTES),
      () => offset + chance.below(24),
    );
  }
  return chance.pick(places)();
}

function change(folder, chance, act, isWanted) {
  const files = filesIn(folder, isWanted);
  if (files.length === 0) return;
  const [name, bytes] = chance.pick(files);
  const copy = Buffer.from(bytes);
  folder.set(name, act(copy, name) ?? copy);
}

function put(folder, { bytes, id }, index) {
  folder.set(`${id}.pack`, bytes);
  if (index !== undefined) folder.set(`${id}.idx`, index);
}

function randomRecord(folder, chance) {
  const content = chance.bytes(chance.pick([0, 1, 3, 64, 1000, 5000]));
  const other = pickPack(folder, chance)?.records ?? [];
  const known = other.length > 0 ? Buffer.from(chance.pick(other).subarray(24, HEAD_BYTES)) : sha256(content);
  const zeros = Buffer.alloc(chance.pick([1, 1000, 100_000, MIB, 4 * MIB]));
  return chance.pick([
    () => recordOf(content),
    () => recordOf(content, { digest: known }),
    () => recordOf(zeros),
    () => recordOf(zeros, { digest: known }),
    () => recordOf(content, { flags: chance.pick([1, 2, 3, 0x10000, 0x80000000, 0xffffffff]) }),
    () => recordOf(content, { raw: chance.pick(ODD_NUMBERS) }),
    () => recordOf(content, { stored: chance.pick(ODD_NUMBERS) }),
    () => recordOf(content, { magic: "RSO2" }),
  ])();
}

function shuffle(values, chance) {
  const all = [...values];
  for (let at = all.length - 1; at > 0; at--) {
    const other = chance.below(at + 1);
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}

function swapDigests(one, other) {
  const { digest } = one;
  one.digest = other.digest;
  other.digest = digest;
}

/** By name; each takes a folder and a source of chance. */
export const MUTATIONS = {
  flipBits: (folder, chance) =>
    change(folder, chance, (bytes, name) => {
      for (let count = 1 + chance.below(8); count > 0 && bytes.length > 0; count--) {
        bytes[placeIn(name, bytes, chance)] ^= 1 << chance.below(8);
      }
    }),
  truncate: (folder, chance) =>
    change(folder, chance, (bytes, name) => bytes.subarray(0, placeIn(name, bytes, chance))),
  extend: (folder, chance) =>
    change(folder, chance, (bytes) =>
      Buffer.concat([bytes, chance.pick([Buffer.alloc(1 + chance.below(200)), chance.bytes(56)])]),
    ),
  zeros: (folder, chance) =>
    change(folder, chance, (bytes, name) => {
      const at = placeIn(name, bytes, chance);
      bytes.subarray(at, at + chance.pick([4, 56, 4096])).fill(0);
    }),
  splice: (folder, chance) =>
    change(folder, chance, (bytes, name) => {
      const [otherName, other] = chance.pick(filesIn(folder));
      const from = placeIn(otherName, other, chance);
      other.copy(bytes, placeIn(name, bytes, chance), from, from + chance.pick([4, 8, 56, 500, 5000]));
    }),
  oddNumber: (folder, chance) =>
    change(folder, chance, (bytes, name) => {
      const at = placeIn(name, bytes, chance);
      if (at + 8 <= bytes.length) bytes.writeBigUInt64LE(chance.pick(ODD_NUMBERS), at);
    }),
  swapNames: (folder, chance) => {
    const files = filesIn(folder);
    const [[one, first], [two, second]] = [chance.pick(files), chance.pick(files)];
    folder.set(one, second);
    folder.set(two, first);
  },
  dropFile: (folder, chance) => void folder.delete(chance.pick([...folder.keys()])),
  dropIndexes: (folder) => {
    for (const name of [...folder.keys()]) if (isIndex(name)) folder.delete(name);
  },
  copyUnderOtherId: (folder, chance) => {
    const [name, bytes] = chance.pick(filesIn(folder));
    folder.set(`${chance.bytes(32).toString("hex")}${name.slice(64)}`, bytes);
  },
  notAFile: (folder, chance) =>
    void folder.set(chance.pick([...folder.keys()]), chance.pick(["link", "fifo", "folder"])),
  foreignName: (folder, chance) => {
    const name = chance.pick([
      `.${chance.bytes(8).toString("hex")}.partial`,
      "x.pack",
      `${"A".repeat(64)}.pack`,
      "lost+found",
      "a\nb",
    ]);
    folder.set(name, chance.bytes(chance.below(300)));
  },
  /** A right pack, with a right index, some of whose records are not what they say. */
  craftedPack: (folder, chance) => {
    const own = pickPack(folder, chance)?.records ?? [];
    const records = shuffle(
      [
        ...own.slice(0, chance.below(own.length + 1)),
        ...Array.from({ length: 1 + chance.below(6) }, () => randomRecord(folder, chance)),
      ],
      chance,
    );
    const lies = chance.pick([
      {},
      {},
      {},
      { records: chance.pick(ODD_NUMBERS) },
      { length: chance.pick(ODD_NUMBERS) },
    ]);
    const pack = packOf(records, lies);
    put(folder, pack, chance.pick([undefined, indexOf(pack.id, entriesOf(records))]));
  },
  /** The content of a record is changed, its head and everything else is right. */
  wrongContent: (folder, chance) => {
    const found = pickPack(folder, chance);
    if (found === undefined || found.records.length === 0) return;
    const bytes = Buffer.from(found.bytes);
    const { offset, stored } = chance.pick(entriesOf(found.records));
    if (stored > 0) bytes[offset + HEAD_BYTES + chance.below(stored)] ^= 0x40;
    folder.set(`${found.id}.pack`, bytes);
  },
  /** An index with a right checksum that lies. */
  craftedIndex: (folder, chance) => {
    const found = pickPack(folder, chance);
    if (found === undefined || found.records.length === 0) return;
    const entries = entriesOf(found.records).map((entry) => ({ ...entry }));
    const one = chance.pick(entries);
    const other = chance.pick(entries);
    const small = () => Number(chance.pick(ODD_NUMBERS) & 0xffffffffn);
    const lies = chance.pick([
      () =>
        void Object.assign(one, {
          offset: chance.pick([0, 15, one.offset + 1, other.offset, found.bytes.length, 2 ** 40]),
        }),
      () => void Object.assign(one, { stored: small() }),
      () => void Object.assign(one, { raw: small() }),
      () => void Object.assign(one, { flags: chance.below(0x10000) }),
      () => void Object.assign(one, { digest: chance.bytes(32) }),
      () => void Object.assign(one, { ...other }),
      () => swapDigests(one, other),
      () => void entries.pop(),
      () => void entries.push({ ...other }),
      () => ({ unsorted: true }),
      () => ({ count: small() }),
      () => ({
        fanout: (byte, count) => (byte === one.digest[0] ? count + chance.pick([-1, 1, 2 ** 31]) : count),
      }),
      () => ({ fanout: (byte, count) => (byte === 255 ? count : 0) }),
      () => ({ magic: "RSIX\x02\0\0\0" }),
    ])();
    folder.set(
      `${found.id}.idx`,
      indexOf(found.id, lies?.unsorted ? shuffle(entries, chance) : entries, lies),
    );
  },
  /** All records of two packs in a third. */
  joinedPack: (folder, chance) => {
    const records = shuffle(
      [...(pickPack(folder, chance)?.records ?? []), ...(pickPack(folder, chance)?.records ?? [])],
      chance,
    );
    put(folder, packOf(records));
  },
};
