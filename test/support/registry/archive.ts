/**
 * Archives for tests: made by hand, block by block, from the words of PROTOCOL.md alone; and what a reader makes of them.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginConclusion, judgeHere, ok, readTree, treeBinding, VERIFY } from "../../../src/core/internal.ts";
import type { CarriedRun, FindOptions, WantedOutputs } from "../../../src/node/judge/source/bundle-source.ts";
import { boundOutputs } from "../../../src/node/judge/verify/judge-source.ts";
import { ArchiveSource } from "../../../src/node/move/archive/archive-source.ts";
import { packRuns } from "../../../src/node/move/archive/pack-runs.ts";
import { type TestBundle, writeBundle } from "../bundles/bundle.ts";
import { context } from "../bundles/judge.ts";
import type { TreeBundle } from "../bundles/tree-bundle.ts";
import { caseOf } from "../command/case-of.ts";

/** An entry of a tar archive. The defaults are those of a file that runseal packs. */
export interface TarEntry {
  readonly path: string;
  /** The type of the header; default: a file, or a folder if the path ends with a slash. */
  readonly type?: string;
  readonly mode?: number;
  readonly content?: Uint8Array | string;
  /** What the header says, where that is not the size of the content. */
  readonly size?: number;
  readonly target?: string;
  /** Changes the header before its checksum is made. */
  readonly change?: (header: Buffer) => void;
  /** Records of an extended header before it. */
  readonly records?: Readonly<Record<string, string>>;
}

const BLOCK = 512;

/** Two blocks of zeros. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** The bytes of entries, without the end marker. */
export function tarEntries(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat(entries.flatMap(tarEntry));
}

/** An archive of entries. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([tarEntries(entries), TAR_END]);
}

function tarEntry(entry: TarEntry): Buffer[] {
  const { change, content = "", path, records, target = "" } = entry;
  const isFolder = path.endsWith("/");
  const { mode = isFolder ? 0o755 : 0o644, type = isFolder ? "5" : "0" } = entry;
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0, "latin1");
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(entry.size ?? bytes.length, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(type, 156);
  header.write(target, 157, "latin1");
  header.write("ustar\0" + "00", 257, "latin1");
  header.write(octal(0, 7), 329);
  header.write(octal(0, 7), 337);
  change?.(header);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  const before = records === undefined ? [] : tarEntry(extendedHeader(records));
  return [...before, header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
}

function extendedHeader(records: Readonly<Record<string, string>>): TarEntry {
  const content = Object.entries(records).map(([keyword, value]) => {
    const rest = ` ${keyword}=${value}\n`;
    let length = Buffer.byteLength(rest);
    while (Buffer.byteLength(`${length}${rest}`) !== length) length++;
    return `${length}${rest}`;
  });
  return { path: "././@PaxHeader", type: "x", content: content.join("") };
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** The entries of an archive without extended headers, as they are. */
export function readTar(bytes: Buffer): readonly (TarEntry & { readonly content: Buffer })[] {
  const entries: (TarEntry & { readonly content: Buffer })[] = [];
  for (let at = 0; bytes[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      bytes.toString("latin1", at + from, at + from + length).replace(/\0.*$/, "");
    const size = Number.parseInt(text(124, 12), 8);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    const mode = Number.parseInt(text(100, 8), 8);
    entries.push({ path: text(0, 100), type: text(156, 1), mode, target: text(157, 100), content });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

/** The entries of a bundle's files. */
export function bundleEntries(bundle: TestBundle & { readonly tree?: Buffer }): readonly TarEntry[] {
  const files = new Map<string, Buffer>(Object.entries(bundle.artifacts));
  if (bundle.tree !== undefined) files.set("OUTPUT_TREE.json", bundle.tree);
  return [...files.keys()]
    .sort()
    .map((name) => ({ path: `.runseal/runs/${bundle.runId}/${name}`, content: files.get(name) ?? "" }));
}

/** The entries of the outputs of a bundle with a tree, in the order of the archive. */
export function outputEntriesOf({ outputs, recipe }: TreeBundle): readonly TarEntry[] {
  const { emptyFolders = [], links = {}, programs = [] } = recipe;
  const entries = new Map<string, TarEntry>();
  const folder = (path: string): void => {
    if (path === "") return;
    entries.set(path, { path: `${path}/` });
    folder(path.slice(0, Math.max(path.lastIndexOf("/"), 0)));
  };
  const parent = (path: string): void => folder(path.slice(0, Math.max(path.lastIndexOf("/"), 0)));
  for (const path of emptyFolders) folder(path);
  for (const [path, content] of Object.entries(outputs)) {
    parent(path);
    entries.set(path, { path, content, mode: programs.includes(path) ? 0o755 : 0o644 });
  }
  for (const [path, target] of Object.entries(links)) {
    parent(path);
    entries.set(path, { path, type: "2", mode: 0o777, target });
  }
  return [...entries.keys()]
    .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    .flatMap((path) => entries.get(path) ?? []);
}

/** The bytes as a stream of pieces of this length. */
export async function* streamOf(
  bytes: Uint8Array,
  length: number = bytes.length,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    await Promise.resolve();
    yield bytes.subarray(at, at + length);
  }
}

/** What a reader makes of an archive: the code of each run, or the code of the whole with its reason. */
export async function judgeArchive(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  options: FindOptions = {},
): Promise<readonly string[]> {
  const stream = bytes instanceof Uint8Array ? streamOf(bytes) : bytes;
  await using source = new ArchiveSource({ stream, shown: "-" });
  return await judgeSource(source, options);
}

/** The same of an open source, or of some of its runs. */
export async function judgeSource(
  source: ArchiveSource,
  options: FindOptions = {},
  ids?: readonly string[],
): Promise<readonly string[]> {
  const runs = await source.open(ids);
  if (!runs.ok) return [caseOf(runs)];
  const codes = runs.value.map((): string => "");
  const wanted: WantedOutputs[] = [];
  const conclusions: ((found: Parameters<typeof beginConclusion>[1]) => string)[] = [];
  for (const [run, carried] of runs.value.entries()) {
    const judged = judgeHere(carried.opened, context, VERIFY);
    const tree = judged.ok ? treeOf(carried, judged.value) : undefined;
    if (!judged.ok || tree?.ok !== true) {
      codes[run] = judged.ok ? (tree?.ok === false ? tree.code : "") : judged.code;
      continue;
    }
    const bound = boundOutputs(judged.value, source);
    if (!bound.ok) return [caseOf(bound)];
    wanted.push({ run, bundle: bound.value, tree: tree.value });
    conclusions.push((findings) => {
      const begun = beginConclusion(judged.value, findings, context);
      if (!begun.ok) return begun.code;
      const looked = tree.value && { tree: ok(tree.value), failure: undefined };
      const ended = begun.value.end(looked);
      return ended.ok ? "OK" : ended.code;
    });
  }
  const found = await source.find(wanted, options);
  if (!found.ok) return [caseOf(found)];
  for (const [index, { run }] of wanted.entries()) {
    const findings = found.value[index]?.findings;
    codes[run] = findings === undefined ? "" : (conclusions[index]?.(findings) ?? "");
  }
  return codes;
}

function treeOf({ tree }: CarriedRun, judged: Parameters<typeof treeBinding>[0]) {
  const binding = treeBinding(judged);
  return binding === undefined || tree === undefined ? ok(undefined) : readTree(binding, tree, context);
}

/** Packs bundles whose outputs are in folders of their own. */
export async function packBundles(...bundles: readonly TestBundle[]): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  const pieces: Buffer[] = [];
  try {
    const places = bundles.map((bundle) => {
      const place = writeBundle(join(folder, bundle.runId), bundle);
      return { ...place, home: place.root };
    });
    const packed = await packRuns({ places, out: async (piece) => void pieces.push(Buffer.from(piece)) });
    if (!packed.ok) throw new Error(packed.code);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return Buffer.concat(pieces);
}
