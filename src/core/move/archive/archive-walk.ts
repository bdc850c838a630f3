/**
 * One walk over an archive, for files, streams and browsers: the walk asks for entries and contents, and judges what comes (PROTOCOL
 * 20.3). Its driver reads bytes, and reads or skips a content for which the walk does not ask.
 *
 * @module
 */

import type { OutputClaims } from "../../records/artifacts/output-claims.ts";
import type { SealedTree } from "../../records/tree/output-tree.ts";
import type { Limits } from "../../system/bytes/limits.ts";
import { type Ok, ok } from "../../system/bytes/result.ts";
import { type ArchiveFault, archiveFault } from "./archive-fault.ts";
import type { ArchiveEvent } from "./archive-parser.ts";
import { BUNDLE_FILES, type BundleFileName, bundleFileLimit, parseBundleFilePath } from "./bundle-files.ts";
import { EntryMatcher } from "./match-entries.ts";
import { outputEntries } from "./output-entries.ts";

/** What a walk needs next: an entry, past the rest of a content; or a piece of the content of the entry that came last. */
export type ArchiveAsk = "entry" | "content";

/** A walk. It is answered with what it asked for, or the end of the archive; undefined once the archive is read and whole. */
export type ArchiveWalk<Value> = Generator<ArchiveAsk, Ok<Value> | ArchiveFault, ArchiveEvent | undefined>;

/** The beginning of an entry. */
export type EntryEvent = Extract<ArchiveEvent, { kind: "entry" }>;

/** Most bytes of all bundles of an archive together. */
const MAX_BUNDLES_BYTES: number = 2 * 1024 * 1024 * 1024;

/** Most runs of an archive. */
const MAX_RUNS = 100_000;

/** The bundles at the beginning of an archive. */
export interface WalkedBundles {
  /** In the order of the archive; at least one. */
  readonly runIds: readonly string[];
  /** What came behind them: the first event of the next walk. */
  readonly next: ArchiveEvent | undefined;
}

/**
 * Walks over the bundles: of each run its files in their order, one run behind the other. `take` gives the array to fill with a file's
 * bytes, or undefined to pass over them.
 */
export function* walkBundles(
  limits: Limits,
  take: (name: BundleFileName, event: EntryEvent) => Uint8Array | undefined,
): ArchiveWalk<WalkedBundles> {
  const runIds = new Set<string>();
  let current = "";
  let last = -1;
  let room = MAX_BUNDLES_BYTES;
  for (;;) {
    const event = yield "entry";
    const named = isFile(event) ? parseBundleFilePath(event.entry.path) : undefined;
    if (!isFile(event) || named === undefined) {
      if (runIds.size === 0) return archiveFault("entry-missing", { entry: ".runseal/runs" });
      return ok({ runIds: [...runIds], next: event });
    }
    const { entry, offset } = event;
    const where = { entry: entry.path, offset };
    const at = BUNDLE_FILES.indexOf(named.name);
    const isLate = named.runId === current ? at <= last : runIds.has(named.runId);
    if (isLate) return archiveFault("order", where);
    current = named.runId;
    last = at;
    runIds.add(current);
    if (entry.mode !== 0o644) return archiveFault("mode", where);
    if (entry.size > Math.min(room, bundleFileLimit(named.name, limits)) || runIds.size > MAX_RUNS)
      return archiveFault("too-large", where);
    room -= entry.size;
    const bytes = take(named, event);
    if (bytes === undefined) continue;
    let filled = 0;
    yield* passContent(bytes.length, (piece) => {
      bytes.set(piece, filled);
      filled += piece.length;
    });
  }
}

function isFile(event: ArchiveEvent | undefined): event is EntryEvent {
  return event?.kind === "entry" && event.entry.kind === "file";
}

/** Takes the files of one run. */
export interface OutputSink {
  /** A file begins. "stop" ends the walk, and "pass" passes over its content. */
  begin(event: EntryEvent, row: number): "take" | "pass" | "stop";
  /** A piece of its content. */
  add(piece: Uint8Array): void;
  /** All of its content has come. Gives whether to go on. */
  end(event: EntryEvent, row: number): boolean;
}

/**
 * Walks over the outputs of the one run of an archive, each at its path, in the order of the tree. A missing file is left to the
 * caller. Without a sink no content is asked for.
 */
export function* walkOutputs(
  first: ArchiveEvent | undefined,
  { claims, tree }: { readonly claims: OutputClaims; readonly tree: SealedTree | undefined },
  sink?: OutputSink,
): ArchiveWalk<undefined> {
  const matcher = new EntryMatcher(outputEntries(claims, tree));
  for (let event = first; event !== undefined; event = yield "entry") {
    if (event.kind !== "entry") continue;
    const expected = matcher.take(event.entry, event.offset);
    if (!expected.ok) return expected;
    const { row } = expected.value;
    if (row === undefined || sink === undefined) continue;
    const next = sink.begin(event, row);
    if (next === "stop") return ok(undefined);
    if (next === "pass") continue;
    yield* passContent(event.entry.size, (piece) => sink.add(piece));
    if (!sink.end(event, row)) return ok(undefined);
  }
  return matcher.finish() ?? ok(undefined);
}

/** Hands out a content of so many bytes, piece by piece, until `take` gives false. Gives whether all pieces were taken. */
export function* passContent(
  size: number,
  take: (piece: Uint8Array) => unknown,
): Generator<ArchiveAsk, boolean, ArchiveEvent | undefined> {
  for (let left = size; left > 0; ) {
    const event = yield "content";
    if (event?.kind !== "content") throw new TypeError("a content has as many bytes as its head says");
    left -= event.bytes.length;
    if (take(event.bytes) === false) return false;
  }
  return true;
}
