/**
 * What a restore writes durably before its first file appears: what hard links cannot show (PROTOCOL 13.9).
 *
 * One line of canonical JSON, and on a second line its MAC in hex (journal-file.ts). The first line is parsed only after
 * the MAC was found right. Its paths obey the law of paths, as a bundle's do.
 *
 * @module
 */

import {
  checked,
  count,
  DIGEST,
  digestToHex,
  encodeInPieces,
  encodeUtf8,
  formatUtcSecond,
  type HexDigest,
  isHexDigest,
  type Listing,
  type LongJson,
  list,
  MOMENT,
  matchesDigest,
  object,
  oneOf,
  orNull,
  parseObject,
  readAs,
  text,
} from "../../../../core/internal.ts";
import { nodeCrypto } from "../../../system/runtime/node-crypto.ts";
import { FOLDER_PLACE, type FolderPlace, MODE_CHANGE, type ModeChange, PLACE } from "./journal-kinds.ts";
import { isChainManifest, isLawful } from "./lawful-places.ts";

/**
 * The kind of transaction: files put into a root, files removed from it again, a new root made, or a folder brought back to an
 * earlier state.
 */
export type Act = (typeof ACTS)[number];

const ACTS = ["restore", "undo", "new-root", "revert"] as const;

/** In place of a digest: of a link, whose target can't be edited in its place. */
export const NO_BYTES = "";

/** The content of a journal. Places are real paths below the root, without links on the way. */
export interface Journal {
  readonly act: Act;
  readonly origin: RestoreOrigin;
  /** What is moved to the name `o<index>` in staging. */
  readonly aside: Listing<string>;
  /** Folders that are taken out, deepest first, with the modes that they had. */
  readonly rmdir: readonly FolderPlace[];
  /** Files and folders that stay, and folders that are made: these have the mode `from` until they are filled. */
  readonly mode: readonly ModeChange[];
  /** Folders to make, parents first. */
  readonly mkdir: readonly string[];
  /** The target of staged file `f<index>`. */
  readonly put: Listing<string>;
  /** By the number of the staged file: the digest of the bytes that are put in place, or `NO_BYTES`. */
  readonly digests: Listing<HexDigest | typeof NO_BYTES>;
  /** How many files, from the first on, are in the root only while the restore runs. */
  readonly passing: number;
}

/** The columns of a journal that says nothing of them. */
export const NO_CHANGES: Omit<Journal, "act" | "origin"> = {
  aside: [],
  digests: [],
  mkdir: [],
  mode: [],
  passing: 0,
  put: [],
  rmdir: [],
};

/** What the restore's bundles say of their origin. */
export interface RestoreOrigin {
  /** When it began, RFC 3339 in UTC, by this machine's clock. */
  readonly started: string;
  readonly runIds: readonly string[];
  readonly bundleRoots: readonly HexDigest[];
  /** Ids of the signers, 64 lowercase hex. */
  readonly signers: readonly HexDigest[];
  /** The name of a new root. */
  readonly name: string | undefined;
}

/** An origin that begins now. What is not known of it is empty. */
export function beginOrigin(known: Partial<RestoreOrigin>): RestoreOrigin {
  const started = formatUtcSecond(Math.floor(Date.now() / 1000));
  return { started, runIds: [], bundleRoots: [], signers: [], name: undefined, ...known };
}

/** The length of a journal's MAC in bytes. */
const MAC_BYTES = 32;

/** A MAC of bytes that come in pieces. */
export interface RunningMac {
  add(piece: Uint8Array): void;
  /** Ends it. Gives 32 bytes. */
  end(): Uint8Array;
}

/** No journal is longer: the strict parser's strings end here. */
export const MAX_JOURNAL_BYTES: number = 512 * 1024 * 1024 - 128;

/**
 * Recovered by no other version: what the states of a transaction mean may change with it. 1 to 3 lack the digests, and were never
 * released, nor were the first of version 4, which wrote the marker `aborted` before folders were as they had been.
 */
const VERSION = 4;

/** The members of the first line. */
interface JournalLine extends RestoreOrigin, Omit<Journal, "aside" | "digests" | "origin" | "put"> {
  readonly aside: readonly string[];
  readonly digests: readonly (HexDigest | typeof NO_BYTES)[];
  readonly put: readonly string[];
}

const DIGEST_OR_NONE = checked(
  (json): json is HexDigest | typeof NO_BYTES => json === NO_BYTES || isHexDigest(json),
);

const LINE = object<JournalLine>(
  {
    act: oneOf(ACTS),
    aside: list(PLACE),
    bundleRoots: list(DIGEST),
    digests: list(DIGEST_OR_NONE),
    mkdir: list(PLACE),
    mode: list(MODE_CHANGE),
    name: orNull(text(isComponent)),
    passing: count(),
    put: list(text()),
    rmdir: list(FOLDER_PLACE),
    runIds: list(text()),
    signers: list(DIGEST),
    started: MOMENT,
  },
  { version: VERSION },
);

/** The MAC in hex and the two line ends. */
export const TAIL_BYTES: number = 2 * MAC_BYTES + 2;
const LINE_END = 0x0a;

/**
 * Encodes a journal: UTF-8 bytes in pieces, a short journal in one. `mac` is begun and has got nothing yet. `undefined`
 * where the journal would be too long to be read again.
 */
export function encodeJournal(journal: Journal, mac: RunningMac): readonly Uint8Array[] | undefined {
  const pieces: Uint8Array[] = [];
  let bytes = TAIL_BYTES;
  for (const piece of encodeInPieces(lineOf(journal))) {
    mac.add(piece);
    bytes += piece.length;
    if (bytes > MAX_JOURNAL_BYTES) return undefined;
    pieces.push(piece);
  }
  const last = pieces.pop() ?? new Uint8Array();
  const tail = encodeUtf8(`\n${digestToHex(mac.end())}\n`);
  return [...pieces, Buffer.concat([last, tail])];
}

/** The first line. Its long lists are not held as arrays. */
function lineOf({ aside, digests, origin, put, ...short }: Journal): LongJson {
  return new Map<string, LongJson>(LINE.write({ ...origin, ...short, aside: [], digests: [], put: [] }))
    .set("aside", () => aside)
    .set("digests", () => digests)
    .set("put", () => put);
}

/** The two lines of a journal. */
export interface JournalLines {
  readonly content: Uint8Array;
  /** Lowercase hex where runseal wrote it; 64 characters in any case. */
  readonly mac: string;
}

/** Splits a journal into its two lines by its length alone; `undefined` where it can't have two. */
export function splitJournal(bytes: Uint8Array): JournalLines | undefined {
  const end = bytes.length - TAIL_BYTES;
  if (end < 1 || bytes[end] !== LINE_END || bytes.at(-1) !== LINE_END) return undefined;
  const mac = Buffer.from(bytes.subarray(end + 1, -1)).toString("latin1");
  return { content: bytes.subarray(0, end), mac };
}

/** Whether a journal's last line is the MAC of the first line. Compares in constant time. */
export function matchesMac(mac: RunningMac, declared: string): boolean {
  return matchesDigest(digestToHex(mac.end()), declared, nodeCrypto);
}

/** Parses the first line of a journal whose MAC is right; `undefined` where it is not a journal of a known version. */
export function parseJournal(content: Uint8Array): Journal | undefined {
  const line = readAs(LINE, parseObject(content));
  if (line === undefined) return undefined;
  const { bundleRoots, name, runIds, signers, started, ...columns } = line;
  const { act, aside, digests, mkdir, mode, passing, put, rmdir } = columns;
  const made = new Set(mkdir);
  const changes = mode.some(({ kind, place }) => kind === "file" || !made.has(place));
  const takes = aside.length + rmdir.length > 0 || changes;
  const gives = mkdir.length + passing + put.length > 0;
  const isOdd = act === "revert" ? passing > 0 : act === "undo" ? gives : takes;
  if (isOdd || passing > put.length || digests.length !== put.length) return undefined;
  if (!put.every((path, index) => (index < passing ? isChainManifest(path) : isLawful(path))))
    return undefined;
  return { ...columns, origin: { bundleRoots, name, runIds, signers, started } };
}

function isComponent(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}
