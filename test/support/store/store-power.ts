/**
 * Acts on a store whose power is cut: what they must not lose, and what is there for good once they have ended.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  DIGEST_BYTES,
  digestToHex,
  FindingTable,
  type HexDigest,
  packIdIn,
} from "../../../src/core/internal.ts";
import { collectObjects } from "../../../src/node/records/store/collect/collect-objects.ts";
import { collectPacks } from "../../../src/node/records/store/collect/collect-packs.ts";
import { nothingRemoved } from "../../../src/node/records/store/collect/removals.ts";
import { joinPacks, SPARED_PACKS } from "../../../src/node/records/store/join-packs.ts";
import { openStore } from "../../../src/node/records/store/object-store.ts";
import { OutputPacking } from "../../../src/node/records/store/pack-outputs.ts";
import { StoredObjects, usePacks } from "../../../src/node/records/store/stored-objects.ts";
import { AnchoredRoot } from "../../../src/node/system/files/anchored-root.ts";
import { type FileSystem, nodeFileSystem, OPEN_NEW } from "../../../src/node/system/files/file-system.ts";
import { DigestTable } from "../../../src/node/system/packs/digest-table.ts";
import { FilePacker } from "../../../src/node/system/packs/file-packer.ts";
import { readIndex } from "../../../src/node/system/packs/pack-catalog.ts";
import { openPack } from "../../../src/node/system/packs/pack-file.ts";
import { corruptStored, packFiles } from "./store-forms.ts";

/** The bytes of outputs by their names. */
export type Contents = Readonly<Record<string, string>>;

/** An act on a store. */
export interface StoreAct {
  readonly name: string;
  /** Makes the project as it was before; all of it is durable. */
  readonly prepare: (folder: string) => Promise<void>;
  readonly act: (folder: string, fs: FileSystem) => Promise<void>;
  /** What comes next: it must succeed on each disk. */
  readonly next: (folder: string) => Promise<void>;
  /** What is in the store whenever the power is cut. */
  readonly before: Contents;
  /** Whether packs that are removed at last may be there again after a cut, without an index. */
  readonly removesPacks?: boolean;
  /** What is in it once the act has ended, and after what comes next. */
  readonly after: Contents;
}

const A: Contents = { a: "alpha\n" };
const AB: Contents = { ...A, b: "beta\n" };
const LARGE: Contents = { ...A, large: "large ".repeat(180_000) };
const DEAD: Contents = { x: "x".repeat(700_000), y: "y".repeat(700_000) };
const MANY: Contents = Object.fromEntries(
  Array.from({ length: SPARED_PACKS + 1 }, (_, number) => [`f${number}`, `content ${number}\n`]),
);

const nothing = async (): Promise<void> => undefined;

/** An act that keeps outputs, and keeps them again next. */
function keeping(name: string, prepare: StoreAct["prepare"], before: Contents, after: Contents): StoreAct {
  return {
    name,
    prepare,
    act: (folder, fs) => keep(folder, after, fs),
    next: (folder) => keep(folder, after),
    before,
    after,
  };
}

/** An act that collects, and collects again next. */
function collecting(
  name: string,
  prepare: StoreAct["prepare"],
  { before = {}, after }: { before?: Contents; after: Contents },
): StoreAct {
  return {
    name,
    prepare,
    act: (folder, fs) => collect(folder, after, fs),
    next: (folder) => collect(folder, after),
    removesPacks: true,
    before,
    after,
  };
}

/** All acts. */
export const STORE_ACTS: readonly StoreAct[] = [
  keeping("keep, first", nothing, {}, AB),
  keeping("keep, later", (folder) => keep(folder, A), A, AB),
  keeping("keep a large output", nothing, {}, LARGE),
  keeping(
    "keep a large output that exists",
    async (folder) => {
      await keep(folder, LARGE);
    },
    LARGE,
    LARGE,
  ),
  {
    ...keeping("keep what an archive brought", nothing, {}, A),
    act: async (folder, fs) => {
      await bring(folder, A, fs);
      await keep(folder, A, fs);
    },
  },
  {
    ...keeping("keep a large output that an archive brought", nothing, {}, LARGE),
    act: async (folder, fs) => {
      await bring(folder, LARGE, fs);
      await keep(folder, LARGE, fs);
    },
  },
  keeping(
    "keep, wrong record",
    async (folder) => {
      await keep(folder, A);
      corruptStored(folder, "alpha\n", "ALPHA\n");
    },
    {},
    A,
  ),
  keeping(
    "keep, missing index",
    async (folder) => {
      await keep(folder, A);
      for (const path of indexFiles(folder)) rmSync(path);
    },
    A,
    AB,
  ),
  {
    name: "join",
    prepare: async (folder) => {
      for (const [name, content] of Object.entries(MANY)) await keep(folder, { [name]: content });
    },
    act: join_,
    removesPacks: true,
    next: (folder) => keep(folder, MANY),
    before: MANY,
    after: MANY,
  },
  collecting("prune, rewrites a pack", (folder) => keep(folder, { ...A, ...DEAD }), { before: A, after: A }),
  collecting(
    "prune, joins packs",
    async (folder) => {
      for (const [name, content] of Object.entries(AB)) await keep(folder, { [name]: content });
    },
    { before: AB, after: AB },
  ),
  {
    // What is needed of a pack is in another one too, which is not durable yet.
    ...collecting("prune, pack that an archive brought", (folder) => keep(folder, { ...A, ...DEAD }), {
      before: A,
      after: A,
    }),
    act: async (folder, fs) => {
      await bring(folder, A, fs);
      await collect(folder, A, fs);
    },
  },
];

async function join_(folder: string, fs: FileSystem): Promise<void> {
  using project = AnchoredRoot.open(folder, fs);
  await joinPacks(project, { fs });
}

function indexFiles(folder: string): readonly string[] {
  return packFiles(folder).map((path) => path.replace(/\.pack$/, ".idx"));
}

/** Keeps outputs as a seal does, in this thread. Throws unless they are kept. */
export async function keep(
  folder: string,
  contents: Contents,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  using project = AnchoredRoot.open(folder, fs);
  // As a seal does when it holds the project.
  if (!project.dir.has(".runseal")) fs.mkdirSync(project.dir.address(".runseal"), 0o755);
  const files = Object.entries(contents).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  // Outside of what is recorded: outputs are durable.
  for (const { bytes, path } of files) writeFileSync(join(folder, path), bytes);
  const begun = await OutputPacking.begin(project, files.length, { fs });
  if (!begun.ok) throw new Error(begun.code);
  const packing = begun.value;
  const digests = new Uint8Array(new SharedArrayBuffer(files.length * DIGEST_BYTES));
  const sizes = new Float64Array(files.length);
  const packer = new FilePacker(packing.board, digests, fs);
  for (const [index, { bytes }] of files.entries()) {
    digests.set(createHash("sha256").update(bytes).digest(), index * DIGEST_BYTES);
    sizes[index] = bytes.length;
    packer.add(index, bytes, 0o644);
  }
  packer.finish();
  packer.close();
  const findings = new FindingTable({ kinds: new Uint8Array(files.length).fill(1), digests, sizes });
  const outputs = files.map(({ bytes, path }) => ({ path, digest: digestOf(bytes), bytes: bytes.length }));
  const kept = await packing.keep(Object.assign(outputs, { findings }));
  if (!kept.ok) throw new Error(kept.code);
}

/** Collects garbage as `prune` does, for bundles that name these contents. Throws unless it succeeds. */
async function collect(folder: string, contents: Contents, fs: FileSystem = nodeFileSystem): Promise<void> {
  using project = AnchoredRoot.open(folder, fs);
  const named = new DigestTable();
  for (const content of Object.values(contents)) named.add(Buffer.from(digestOf(content), "hex"), 0);
  const opened = openStore(project);
  if (!opened.ok) throw new Error(opened.code);
  using store = opened.value;
  const tally = nothingRemoved();
  const setting = { named, tally, dryRun: false, signal: undefined, fs, count: () => undefined };
  const fault = await usePacks(project, "WRITE_FAILED", (packs) => collectPacks(packs, setting));
  if (fault !== undefined) throw new Error(fault.code);
  if (store !== undefined) await collectObjects(store, setting);
}

/** Unpacks an archive with a store of these contents: nothing of it is synced. */
async function bring(folder: string, contents: Contents, fs: FileSystem): Promise<void> {
  const elsewhere = `${folder}.archive`;
  mkdirSync(elsewhere);
  try {
    await keep(elsewhere, contents);
    using project = AnchoredRoot.open(folder, fs);
    if (!project.dir.has(".runseal")) fs.mkdirSync(project.dir.address(".runseal"), 0o755);
    for (const path of readdirSync(join(elsewhere, ".runseal"), {
      recursive: true,
      encoding: "utf8",
    }).sort()) {
      const components = [".runseal", ...path.split("/")].filter((component) => component !== "");
      const name = components.at(-1) ?? "";
      const above = project.folder(components.slice(0, -1));
      if (above.has(name)) continue;
      const from = join(elsewhere, ".runseal", path);
      if (!/\.(?:pack|idx)$|^[0-9a-f]{62}$/.test(name)) {
        fs.mkdirSync(above.address(name), 0o755);
        continue;
      }
      const fd = fs.openSync(above.address(name), OPEN_NEW, 0o644);
      fs.writeSync(fd, readFileSync(from), 0, undefined, 0);
      fs.fchmodSync(fd, 0o444);
      fs.closeSync(fd);
    }
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
}

/** What of these contents the store does not hold, or holds wrongly. */
export function lacking(folder: string, contents: Contents): readonly string[] {
  using project = AnchoredRoot.open(folder);
  const opened = StoredObjects.open(project);
  if (!opened.ok) return [opened.code];
  using store = opened.value;
  return Object.entries(contents).flatMap(([name, text]) => {
    const found = store?.open(digestOf(text)) ?? "missing";
    if (typeof found === "string") return `${name}: ${found}`;
    if ("content" in found)
      return text === Buffer.from(found.content).toString() ? [] : `${name}: other bytes`;
    const bytes = readFileSync(found.fd, "utf8");
    nodeFileSystem.closeSync(found.fd);
    return bytes === text ? [] : `${name}: other bytes`;
  });
}

/** Packs without a good index, and files of killed processes. */
export function untidy(folder: string): readonly string[] {
  const packs = join(folder, ".runseal/packs");
  using project = AnchoredRoot.open(packs);
  return readdirSync(packs).flatMap((name) => {
    if (name.endsWith(".partial")) return name;
    const id = packIdIn(name);
    const pack = id && openPack(project.dir, id, nodeFileSystem);
    // What an archive brought, and is torn now, stays.
    if (pack === undefined || typeof pack === "string") return [];
    const index = readIndex(project.dir, pack, nodeFileSystem);
    nodeFileSystem.closeSync(pack.fd);
    return index === undefined ? `${name} has no index` : [];
  });
}

function digestOf(content: string | Uint8Array): HexDigest {
  return digestToHex(createHash("sha256").update(content).digest());
}
