/**
 * What a restore writes durably before its first file appears: what hard links cannot show (PROTOCOL 13.9).
 *
 * One line of canonical JSON, and on a second line its MAC in hex (journal-file.ts). The first line is parsed only after
 * the MAC was found right. Its paths obey the law of paths, as a bundle's do.
 *
 * @module
 */

import {
  asCount,
  digestToHex,
  encodeOwn,
  encodeUtf8,
  type HexDigest,
  isHexDigest,
  isJsonObject,
  itemAt,
  type JsonObject,
  type JsonValue,
  jsonObject,
  type Listing,
  matchesDigest,
  parseStrictJson,
  utcSeconds,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../runtime/node-crypto.ts";
import { isChainManifest, isLawful } from "./lawful-places.ts";
import {
  modesOf,
  NO_REVERT,
  placesOf,
  type RevertRecord,
  readRevertRecord,
  textsOf,
} from "./revert-record.ts";

/**
 * The kind of transaction: files put into a root, files removed from it again, a new root made, or a folder brought back to an
 * earlier state.
 */
export type Act = "restore" | "undo" | "new-root" | "revert";

/** In place of a digest: of a link, whose target can't be edited in its place. */
export const NO_BYTES = "";

/** The content of a journal. */
export interface Journal {
  readonly act: Act;
  readonly origin: RestoreOrigin;
  /** Folders to make (or, by an undo, to remove where they are empty), parents first. */
  readonly folders: readonly string[];
  /** The target of staged file `f<index>`: real paths below the root, without links on the way. */
  readonly files: Listing<string>;
  /** By the number of the staged file: the digest of the bytes that are put in place, or `NO_BYTES`. */
  readonly digests: Listing<HexDigest | typeof NO_BYTES>;
  /** How many files, from the first on, are in the root only while the restore runs. */
  readonly passing: number;
  /** What a revert does besides; undefined for every other act. */
  readonly revert?: RevertRecord | undefined;
}

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

/** Earlier versions lack the digests: a recovery can't know which bytes were put in place. */
const VERSION = 4;

/** Files that are encoded together. */
const FILES_A_PIECE = 1024;

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
  for (const piece of encodeLine(journal)) {
    mac.add(piece);
    bytes += piece.length;
    if (bytes > MAX_JOURNAL_BYTES) return undefined;
    pieces.push(piece);
  }
  const last = pieces.pop() ?? new Uint8Array();
  const tail = encodeUtf8(`\n${digestToHex(mac.end())}\n`);
  return [...pieces, Buffer.concat([last, tail])];
}

/** The first line in pieces, its members in the order of their names: one text of a million files would need too much memory. */
function* encodeLine(journal: Journal): Generator<Uint8Array, void, undefined> {
  const { act, digests, files, folders, origin, passing, revert = NO_REVERT } = journal;
  const { bundleRoots, name = null, runIds, signers, started } = origin;
  const { gone, modes, moves } = revert;
  let open: Uint8Array = encodeOwn(jsonObject({ act })).subarray(0, -1);
  open = yield* encodeList(open, "aside", moves);
  open = append(open, { bundle_roots: bundleRoots });
  open = yield* encodeList(open, "digests", digests);
  open = append(open, { mkdir: folders, mode: modesOf(modes), name, passing });
  open = yield* encodeList(open, "put", files);
  const last = { rmdir: placesOf(gone), run_ids: runIds, signers, started, version: VERSION };
  yield Buffer.concat([append(open, last), encodeUtf8("}")]);
}

/** Further members of an open object. */
function append(open: Uint8Array, members: Parameters<typeof jsonObject>[0]): Uint8Array {
  return Buffer.concat([open, encodeUtf8(","), encodeOwn(jsonObject(members)).subarray(1, -1)]);
}

/** A member that is a list of texts, after what stands before it. Gives the last piece. */
function* encodeList(
  before: Uint8Array,
  member: string,
  list: Listing<string>,
): Generator<Uint8Array, Uint8Array, undefined> {
  let open: Uint8Array = Buffer.concat([before, encodeUtf8(`,"${member}":[`)]);
  for (let start = 0; ; start += FILES_A_PIECE) {
    const end = Math.min(start + FILES_A_PIECE, list.length);
    const piece = Array.from({ length: end - start }, (_, index) => itemAt(list, start + index));
    const texts = Buffer.concat([open, encodeOwn(piece).subarray(1, -1)]);
    if (end === list.length) return Buffer.concat([texts, encodeUtf8("]")]);
    yield texts;
    open = Buffer.from(",");
  }
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
  const parsed = parseStrictJson(content);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  return asCount(parsed.value.get("version")) === VERSION ? readJournal(parsed.value) : undefined;
}

function readJournal(object: JsonObject): Journal | undefined {
  const act = ACTS.find((known) => known === object.get("act"));
  const passing = asCount(object.get("passing"));
  const files = textsOf(object.get("put"));
  const digests = textsOf(object.get("digests"));
  const folders = textsOf(object.get("mkdir"));
  const origin = readOrigin(object);
  const record = readRevertRecord(object);
  if (object.size !== FIELDS || record === undefined) return undefined;
  if (act === undefined || passing === undefined || origin === undefined) return undefined;
  if (files === undefined || folders === undefined || passing > files.length) return undefined;
  if (!digests?.every(isDigestOrNone) || digests.length !== files.length) return undefined;
  const revert = act === "revert" ? record : undefined;
  const { gone, modes, moves } = record;
  if (revert === undefined ? gone.length + modes.length + moves.length > 0 : passing > 0) return undefined;
  const lawful =
    folders.every(isLawful) &&
    files.every((path, index) => (index < passing ? isChainManifest(path) : isLawful(path)));
  return lawful ? { act, origin, folders, files, digests, passing, ...(revert && { revert }) } : undefined;
}

function isDigestOrNone(text: string): text is HexDigest | typeof NO_BYTES {
  return text === NO_BYTES || isHexDigest(text);
}

const ACTS: readonly Act[] = ["restore", "undo", "new-root", "revert"];
const FIELDS = 14;

function readOrigin(object: JsonObject): RestoreOrigin | undefined {
  const started = object.get("started");
  const name = object.get("name");
  const runIds = textsOf(object.get("run_ids"));
  const bundleRoots = digests(object.get("bundle_roots"));
  const signers = digests(object.get("signers"));
  if (typeof started !== "string" || utcSeconds(started) === undefined) return undefined;
  if (name !== null && (typeof name !== "string" || !isComponent(name))) return undefined;
  if (runIds === undefined || bundleRoots === undefined || signers === undefined) return undefined;
  return { started, runIds, bundleRoots, signers, name: name ?? undefined };
}

function digests(value: JsonValue | undefined): readonly HexDigest[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item): item is HexDigest => isHexDigest(item)) ? value : undefined;
}

function isComponent(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}
