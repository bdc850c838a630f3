/** How the lines of a file changed. Its bytes are those of a store, or of the folder. @module */

import { structuredPatch } from "diff";
import { decodeUtf8, type HexDigest, isHexDigest } from "../../../core/internal.ts";
import { readObject } from "../../../node/records/store/cat-object.ts";
import { openRoot } from "../../../node/system/files/anchored-root.ts";
import { nodeFileSystem } from "../../../node/system/files/file-system.ts";
import { readRegularFile } from "../../../node/system/files/read-source.ts";
import { unlessRefused } from "../../../node/system/runtime/machine-reason.ts";
import type { EntryChange } from "./entry-changes.ts";

/** The largest file whose lines are compared, in bytes. */
const MOST_BYTES = 1024 * 1024;

/** How long the lines of one file are compared, in milliseconds: a hostile pair of files takes the square of its lines. */
const MOST_TIME = 2000;

/** Lines around a change. */
const CONTEXT = 3;

/** Where bytes are. */
export interface ContentPlaces {
  /** The absolute paths of the projects and guards whose stores may have them. */
  readonly homes: readonly string[];
  /** The absolute path of the folder, where that is the later state. */
  readonly folder: string | undefined;
  readonly signal: AbortSignal;
}

/** Lines that changed, one after the other. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Each begins with `+`, `-`, a blank or `\`. */
  readonly lines: readonly string[];
}

/** How a file changed. */
export type FileDifference =
  | {
      readonly kind: "text";
      readonly added: number;
      readonly removed: number;
      readonly hunks: readonly Hunk[];
    }
  /** Not text on one side at least; with the bytes of both. */
  | { readonly kind: "binary"; readonly before: number; readonly after: number }
  /** Above 1 MiB, or too different. */
  | { readonly kind: "too-large" }
  /** No store here has the bytes, or they can't be read. */
  | { readonly kind: "not-kept" };

/** Compares the lines of a file; undefined for a change that is not of a file's bytes. */
export async function compareLines(
  { after, before, change, kind, path }: EntryChange,
  places: ContentPlaces,
): Promise<FileDifference | undefined> {
  if (kind !== "file" || change === "kind" || change === "mode" || change === "unreadable") return undefined;
  const none = new Uint8Array(0);
  const old = change === "added" ? none : await readStored(before, places);
  const fresh =
    change === "removed"
      ? none
      : places.folder === undefined
        ? await readStored(after, places)
        : readBelow(places.folder, path);
  if (typeof old === "string" || typeof fresh === "string") return { kind: "too-large" };
  if (old === undefined || fresh === undefined) return { kind: "not-kept" };
  const [was, is] = [textOf(old), textOf(fresh)];
  if (was === undefined || is === undefined)
    return { kind: "binary", before: old.length, after: fresh.length };
  const patch = structuredPatch("", "", was, is, undefined, undefined, {
    context: CONTEXT,
    timeout: MOST_TIME,
  });
  if (patch === undefined) return { kind: "too-large" };
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const count = (mark: string): number => lines.filter((line) => line.startsWith(mark)).length;
  return { kind: "text", added: count("+"), removed: count("-"), hunks: patch.hunks };
}

/** The text of bytes; undefined if they are not text. */
function textOf(bytes: Uint8Array): string | undefined {
  return bytes.includes(0) ? undefined : decodeUtf8(bytes);
}

async function readStored(
  declared: string | undefined,
  { homes, signal }: ContentPlaces,
): Promise<Uint8Array | "too-large" | undefined> {
  const digest = declared?.replace(/^sha256:/, "");
  if (!isHexDigest(digest)) return undefined;
  for (const root of homes) {
    const found = await readFrom(root, digest, signal);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function readFrom(
  root: string,
  digest: HexDigest,
  signal: AbortSignal,
): Promise<Uint8Array | "too-large" | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const read = await readObject({ root, digest, signal }, (piece) => {
    bytes += piece.length;
    // The piece is overwritten later.
    if (bytes <= MOST_BYTES) pieces.push(Uint8Array.from(piece));
    return Promise.resolve(bytes <= MOST_BYTES);
  });
  if (bytes > MOST_BYTES) return "too-large";
  return read.ok ? Buffer.concat(pieces) : undefined;
}

/** Reads a file of the folder, through no link. */
function readBelow(folder: string, path: string): Uint8Array | "too-large" | undefined {
  const opened = openRoot(folder);
  if (!opened.ok) return undefined;
  using root = opened.value;
  return unlessRefused(() => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const reading = readRegularFile(root.holder(path), name, MOST_BYTES, nodeFileSystem);
    if (reading.kind === "too-large") return reading.kind;
    return reading.kind === "bytes" ? reading.bytes : undefined;
  });
}
