/**
 * Finding and hashing the outputs that a bundle names (PROTOCOL 8, phase 9).
 *
 * @module
 */

import {
  type Crypto,
  DIGEST_BYTES,
  FINDING_KINDS,
  FindingTable,
  makeFindings,
  type OutputClaims,
  PERMISSIONS,
  THROUGH_LINK,
} from "../../src/core/internal.ts";
import type { HashedFile } from "../hashing/hash-message.ts";
import type { Resolved } from "../source/resolve-path.ts";
import type { OutputPlace } from "./output-place.ts";

/** Neighbouring paths that are looked up at the same time. */
const PATHS_AT_ONCE = 256;

/** Groups of them whose digests are awaited at the same time. Each file holds a reference. */
const GROUPS_AT_ONCE = 4;

/** Which outputs, and where. */
export interface OutputsRequest {
  readonly claims: OutputClaims;
  /** Bytes that the binding declares for all outputs; undefined where it declares none, and nothing is bounded. */
  readonly declaredBytes: number | undefined;
  readonly place: OutputPlace;
  /** Compares digests. */
  readonly crypto: Pick<Crypto, "equalDigests">;
  readonly hash: (blob: Blob) => Promise<HashedFile>;
  /** Called when a file is done. */
  readonly onFile?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Looks for each lawful output and hashes it. Throws the signal's reason once it is aborted. */
export async function findOutputs(request: OutputsRequest): Promise<FindingTable> {
  const search = new OutputSearch(request);
  await search.run();
  return search.found;
}

class OutputSearch {
  readonly found: FindingTable;
  readonly #request: OutputsRequest;
  /** The digests of the groups that were looked up, oldest first. */
  readonly #hashing: Promise<unknown>[] = [];
  /** Files that were not read, because those before them and they have more bytes than are declared. */
  readonly #withheld = new Map<number, Blob>();
  #bytes = 0;

  constructor(request: OutputsRequest) {
    const { claims, place } = request;
    const { length } = claims;
    this.#request = request;
    this.found = new FindingTable({
      ...makeFindings(length),
      ...(place.disk === undefined ? {} : { modes: new Uint16Array(length) }),
    });
  }

  async run(): Promise<void> {
    const { claims, signal } = this.#request;
    for (const [from, to] of claims.lawfulRanges()) {
      for (let start = from; start < to; start += PATHS_AT_ONCE) {
        signal?.throwIfAborted();
        const { hashed } = await this.#take(start, Math.min(start + PATHS_AT_ONCE, to));
        this.#hashing.push(hashed);
        if (this.#hashing.length >= GROUPS_AT_ONCE) await this.#hashing.shift();
      }
    }
    await Promise.all(this.#hashing);
    signal?.throwIfAborted();
    await this.#judgeWithheld();
  }

  /**
   * Reads files that were withheld, as `runseal verify` does (hash-withheld.ts): one is too large only if it, with the files before it that
   * are as expected, has more bytes than are declared, or all files read so far more than twice as many. A file that grew must not hide
   * that the files behind it did not change.
   */
  async #judgeWithheld(): Promise<void> {
    const { claims, declaredBytes = Number.POSITIVE_INFINITY, signal } = this.#request;
    if (this.#withheld.size === 0) return;
    const { kinds, sizes } = this.found.columns;
    let [found, read, asExpected] = [0, 0, 0];
    for (let row = 0; row < claims.length; row++) {
      signal?.throwIfAborted();
      const blob = this.#withheld.get(row);
      if (blob === undefined && kinds[row] !== FINDING_KINDS.file) continue;
      const size = blob?.size ?? sizes[row] ?? 0;
      found += size;
      if (blob !== undefined) {
        const isAllowed = asExpected + size <= declaredBytes && read + size <= 2 * declaredBytes;
        sizes[row] = isAllowed ? size : found;
        if (isAllowed) await this.#hash(row, blob);
        else this.#request.onFile?.();
        if (!isAllowed) continue;
      }
      read += size;
      if (this.#isAsExpected(row)) asExpected += size;
    }
  }

  #isAsExpected(row: number): boolean {
    const { claims, crypto } = this.#request;
    const { digests, kinds } = this.found.columns;
    const claim = claims.at(row);
    if (kinds[row] !== FINDING_KINDS.file || claim?.lawful !== true || claim.digest === undefined)
      return false;
    const place = row * DIGEST_BYTES;
    const claimed = claims.columns.digests.subarray(place, place + DIGEST_BYTES);
    return crypto.equalDigests(claimed, digests.subarray(place, place + DIGEST_BYTES));
  }

  /**
   * Looks up neighbouring paths, then takes them in the order of the document: it decides whose bytes are too many. Gives the end of
   * their hashing, in an object: it is not to be awaited with them.
   */
  async #take(start: number, end: number): Promise<{ readonly hashed: Promise<unknown> }> {
    const { claims, place } = this.#request;
    const rows = Array.from({ length: end - start }, (_, index) => start + index);
    const resolved = await Promise.all(rows.map((row) => place.find(claims, row)));
    const hashing = resolved.map((found, index) => this.#takeOne(start + index, found));
    return { hashed: Promise.all(hashing) };
  }

  async #takeOne(row: number, { entry, isThroughLink }: Resolved): Promise<void> {
    const { kinds, modes, sizes } = this.found.columns;
    const { declaredBytes, onFile } = this.#request;
    if (entry.kind !== "file") {
      kinds[row] = entry.kind === "unreadable" ? FINDING_KINDS.READ_FAILED : FINDING_KINDS.missing;
      onFile?.();
      return;
    }
    const { blob, mode = 0 } = entry;
    if (modes !== undefined) modes[row] = (mode & PERMISSIONS) | (isThroughLink ? THROUGH_LINK : 0);
    this.#bytes += blob.size;
    if (declaredBytes !== undefined && this.#bytes > declaredBytes) {
      kinds[row] = FINDING_KINDS.oversized;
      this.#withheld.set(row, blob);
      return;
    }
    sizes[row] = blob.size;
    await this.#hash(row, blob);
  }

  async #hash(row: number, blob: Blob): Promise<void> {
    const { digests, kinds } = this.found.columns;
    const hashed = await this.#request.hash(blob);
    if (typeof hashed === "string") kinds[row] = FINDING_KINDS[hashed];
    else {
      digests.set(hashed, row * DIGEST_BYTES);
      kinds[row] = FINDING_KINDS.file;
    }
    this.#request.onFile?.();
  }
}
