/**
 * The bundles whose artifacts were verified before, kept for `chain verify --cached`:
 *
 *     $XDG_STATE_HOME/runseal/verified/bundles     else below ~/.local/state
 *
 * A line of text, then 32 bytes for each bundle, the one that was used last at the end, then the SHA-256 of all that.
 * Whoever can write the file can make a signature that holds for nobody pass: it is read only where nobody but this
 * user could have written it. A key names seven artifacts, the trust policy and the version of runseal.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { TrustPolicy } from "../../core/index.ts";
import { AnchoredDir } from "../files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { errnoOf, machineReason } from "../files/machine-reason.ts";
import { makeFolders } from "../files/make-folders.ts";
import { readRegularFile } from "../files/open-bundle.ts";
import { replaceFile } from "../files/replace-file.ts";
import type { Environment } from "../keys/key-store.ts";
import { type StateFolder, stateFolderOf } from "../project/state-folder.ts";
import { RUNSEAL_VERSION } from "../version.ts";
import { type MemoryKey, SignatureMemory } from "./signature-memory.ts";

const NAME = "bundles";
const HEADER = Buffer.from("runseal verified bundles 1\n", "latin1");
const DIGEST_BYTES = 32;

/** Bundles that are remembered, at most: 8 MiB. The ones that were not used for longest are forgotten first. */
const MAX_BUNDLES: number = 256 * 1024;

const MAX_BYTES: number = HEADER.length + (MAX_BUNDLES + 1) * DIGEST_BYTES;

/** Files of killed writers that are let be: more than that are swept, as nobody writes so often at once. */
const MAX_LEFT = 8;

/** What was found where the cache should be. */
export type CacheState =
  | "read"
  /** None yet. */
  | "absent"
  /** Not what runseal writes: nothing is taken from it, and it is written anew. */
  | "malformed"
  /** Others than this user could have written it: nothing is taken from it, and it stays. */
  | "refused"
  | "unreadable";

/** Whom the bundles were verified for: whoever signed, or by a policy, or without one. */
export type CachedFor = "any-signer" | { readonly policy: TrustPolicy | undefined };

/** A memory that outlives the process. */
export class VerifiedCache extends SignatureMemory {
  /** What was found where the cache should be. */
  readonly state: CacheState;
  /** Where it is, as it may be shown. */
  readonly shownPath: string;
  readonly #folder: StateFolder;
  readonly #used = new Set<MemoryKey>();
  readonly #noted = new Set<MemoryKey>();

  private constructor(
    folder: StateFolder,
    state: CacheState,
    circumstances: string,
    keys: readonly MemoryKey[],
  ) {
    super(circumstances, keys);
    this.state = state;
    this.shownPath = `${folder.shown}/${NAME}`;
    this.#folder = folder;
  }

  /** Reads the cache of this user. What is wrong with it is its state, and never a failure. */
  static open(environment: Environment, cachedFor: CachedFor): VerifiedCache {
    const folder = stateFolderOf(environment, "verified");
    const { keys, state } = readKeys(folder.path);
    return new VerifiedCache(folder, state, circumstancesOf(cachedFor), keys);
  }

  /** How many bundles were recalled from before. */
  get recalled(): number {
    return this.#used.size - this.#noted.size;
  }

  override recalls(key: MemoryKey | undefined): boolean {
    const isKnown = super.recalls(key);
    if (key !== undefined && isKnown) this.#used.add(key);
    return isKnown;
  }

  override note(key: MemoryKey | undefined): void {
    if (key === undefined) return;
    super.note(key);
    this.#used.add(key);
    this.#noted.add(key);
  }

  /**
   * Writes down what came to be known, in one step, behind what others may have written meanwhile. Says whether all is
   * well: not where the file is not ours to write, or the system refuses.
   */
  save(): boolean {
    if (this.state === "refused" || this.state === "unreadable") return false;
    if (this.#noted.size === 0) return true;
    try {
      makeFolders(this.#folder.path, 0o700, []);
      const now = readKeys(this.#folder.path);
      if (now.state === "refused" || now.state === "unreadable") return false;
      const keys = [...now.keys.filter((key) => !this.#used.has(key)), ...this.#used].slice(-MAX_BUNDLES);
      const dir = AnchoredDir.open(this.#folder.path);
      try {
        sweep(dir);
        replaceFile(dir.address(NAME), encodeKeys(keys), 0o600);
      } finally {
        dir.close();
      }
      return true;
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return false;
    }
  }
}

/** A policy's digest and runseal's version, as one digest: both are part of every key. */
function circumstancesOf(cachedFor: CachedFor): string {
  const policy = cachedFor === "any-signer" ? cachedFor : JSON.stringify(cachedFor.policy ?? null);
  return hash("sha256", JSON.stringify([RUNSEAL_VERSION, hash("sha256", policy, "hex")]), "binary");
}

interface ReadKeys {
  readonly state: CacheState;
  readonly keys: readonly MemoryKey[];
}

function readKeys(path: string): ReadKeys {
  const nothing = (state: CacheState): ReadKeys => ({ state, keys: [] });
  try {
    const dir = AnchoredDir.open(path);
    try {
      if (!isOursAlone(fs.fstatSync(dir.fd))) return nothing("refused");
      const seen = fs.lstatSync(dir.address(NAME), { throwIfNoEntry: false });
      if (seen === undefined) return nothing("absent");
      // The folder is ours alone: nobody else puts another file here meanwhile.
      if (!seen.isFile() || !isOursAlone(seen)) return nothing("refused");
      const reading = readRegularFile(dir, NAME, MAX_BYTES, fs);
      const keys = reading.kind === "bytes" ? decodeKeys(reading.bytes) : undefined;
      return keys === undefined ? nothing("malformed") : { state: "read", keys };
    } finally {
      dir.close();
    }
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return nothing(errnoOf(thrown) === "ENOENT" ? "absent" : "unreadable");
  }
}

/** Whether only this user may write. Where there are no such owners and modes, the system says so by these numbers. */
function isOursAlone({ mode, uid }: { readonly mode: number; readonly uid: number }): boolean {
  return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0);
}

function encodeKeys(keys: readonly MemoryKey[]): Buffer {
  const body = Buffer.concat([HEADER, Buffer.from(keys.join(""), "latin1")]);
  return Buffer.concat([body, hash("sha256", body, "buffer")]);
}

/** What `encodeKeys` wrote; `undefined` for anything else. */
function decodeKeys(bytes: Uint8Array): readonly MemoryKey[] | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const end = text.length - DIGEST_BYTES;
  const count = (end - HEADER.length) / DIGEST_BYTES;
  if (!Number.isInteger(count) || count < 0 || !text.startsWith(HEADER.toString("latin1"))) return undefined;
  if (hash("sha256", bytes.subarray(0, end), "binary") !== text.slice(end)) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const start = HEADER.length + index * DIGEST_BYTES;
    return text.slice(start, start + DIGEST_BYTES);
  });
}

/** Removes what killed writers left, once there is more of it than of living ones. Throws what the system says. */
function sweep(dir: AnchoredDir): void {
  const left = fs.readdirSync(dir.self).filter((name) => /^bundles\.[0-9a-f]{16}\.new$/.test(name));
  if (left.length > MAX_LEFT) for (const name of left) fs.unlinkSync(dir.address(name));
}
