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
  parseOutputPath,
  parseStrictJson,
  STAGING_PREFIX,
  utcSeconds,
} from "../../../core/internal.ts";
import { digestOf, nodeCrypto } from "../../runtime/node-crypto.ts";

/** The kind of transaction: files put into a root, files removed from it again, or a new root made. */
export type Act = "restore" | "undo" | "new-root";

/** The content of a journal. */
export interface Journal {
  readonly act: Act;
  readonly origin: RestoreOrigin;
  /** Folders to make (or, by an undo, to remove where they are empty), parents first. */
  readonly folders: readonly string[];
  /** The target of staged file `f<index>`: real paths below the root, without links on the way. */
  readonly files: Listing<string>;
  /** How many files, from the first on, are in the root only while the restore runs. */
  readonly passing: number;
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

const VERSION = 2;

/** The version before the MAC: a SHA-256 is in its place. */
const UNBOUND_VERSION = 1;

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

/** The first line in pieces: one text of a million files would need too much memory. */
function* encodeLine({
  act,
  files,
  folders,
  origin,
  passing,
}: Journal): Generator<Uint8Array, void, undefined> {
  const before = encodeOwn(jsonObject({ act, bundle_roots: origin.bundleRoots }));
  const after = encodeOwn(
    jsonObject({
      folders,
      name: origin.name ?? null,
      passing,
      run_ids: origin.runIds,
      signers: origin.signers,
      started: origin.started,
      version: VERSION,
    }),
  );
  // Members in the order of their names: those before the files, the files, those after them.
  let open = Buffer.concat([before.subarray(0, -1), encodeUtf8(',"files":[')]);
  for (let start = 0; ; start += FILES_A_PIECE) {
    const end = Math.min(start + FILES_A_PIECE, files.length);
    const piece = Array.from({ length: end - start }, (_, index) => itemAt(files, start + index));
    const texts = encodeOwn(piece).subarray(1, -1);
    if (end === files.length) {
      yield Buffer.concat([open, texts, encodeUtf8("],"), after.subarray(1)]);
      return;
    }
    yield Buffer.concat([open, texts]);
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

/** Parses the first line of a journal whose MAC is right; `undefined` where it is not a journal of this version. */
export function parseJournal(content: Uint8Array): Journal | undefined {
  const read = readContent(content);
  return read?.version === VERSION ? read.journal : undefined;
}

/**
 * Parses a journal whose MAC can't be checked, because the user decided to believe it. In version 1 the digest must be right.
 */
export function parseBelievedJournal({ content, mac }: JournalLines): Journal | undefined {
  const read = readContent(content);
  const isRight = read?.version === VERSION || matchesDigest(digestOf(content), mac, nodeCrypto);
  return isRight ? read?.journal : undefined;
}

interface ReadJournal {
  readonly version: number;
  readonly journal: Journal;
}

function readContent(content: Uint8Array): ReadJournal | undefined {
  const parsed = parseStrictJson(content);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const version = asCount(parsed.value.get("version"));
  if (version !== VERSION && version !== UNBOUND_VERSION) return undefined;
  const journal = readJournal(parsed.value);
  return journal === undefined ? undefined : { version, journal };
}

function readJournal(object: JsonObject): Journal | undefined {
  const act = ACTS.find((known) => known === object.get("act"));
  const passing = asCount(object.get("passing"));
  const files = texts(object.get("files"));
  const folders = texts(object.get("folders"));
  const origin = readOrigin(object);
  if (object.size !== FIELDS) return undefined;
  if (act === undefined || passing === undefined || origin === undefined) return undefined;
  if (files === undefined || folders === undefined || passing > files.length) return undefined;
  const lawful =
    folders.every(isLawful) &&
    files.every((path, index) => (index < passing ? isChainManifest(path) : isLawful(path)));
  return lawful ? { act, origin, folders, files, passing } : undefined;
}

const ACTS: readonly Act[] = ["restore", "undo", "new-root"];
const FIELDS = 10;

function readOrigin(object: JsonObject): RestoreOrigin | undefined {
  const started = object.get("started");
  const name = object.get("name");
  const runIds = texts(object.get("run_ids"));
  const bundleRoots = digests(object.get("bundle_roots"));
  const signers = digests(object.get("signers"));
  if (typeof started !== "string" || utcSeconds(started) === undefined) return undefined;
  if (name !== null && (typeof name !== "string" || !isComponent(name))) return undefined;
  if (runIds === undefined || bundleRoots === undefined || signers === undefined) return undefined;
  return { started, runIds, bundleRoots, signers, name: name ?? undefined };
}

function texts(value: JsonValue | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item): item is string => typeof item === "string") ? value : undefined;
}

function digests(value: JsonValue | undefined): readonly HexDigest[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item): item is HexDigest => isHexDigest(item)) ? value : undefined;
}

/** Whether a path is that of a chain's manifest: a name of runseal's own, at the top of the root. */
export function isChainManifest(path: string): boolean {
  return /^\.spectrum06_chain_[0-9a-f-]{36}\.json$/.test(path);
}

/** Whether a restore may make a file or a folder at a path below its root. */
export function isLawful(path: string): boolean {
  return parseOutputPath(path, { refuseColon: false }).ok && !path.startsWith(STAGING_PREFIX);
}

function isComponent(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}
