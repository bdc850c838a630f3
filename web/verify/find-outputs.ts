/**
 * Finding and hashing the outputs that a bundle names (PROTOCOL 8, phase 9).
 *
 * @module
 */

import {
  DIGEST_BYTES,
  FINDING_KINDS,
  FindingTable,
  type OutputClaims,
  PERMISSIONS,
  THROUGH_LINK,
} from "../../src/core/internal.ts";
import type { HashedFile } from "../hashing/hash-pool.ts";
import { type Resolved, resolvePath } from "../source/resolve-path.ts";
import type { SourceFolder } from "../source/source-folder.ts";

/** Paths that are looked up at the same time. */
const PATHS_AT_ONCE = 256;

/** Files whose digests are awaited at the same time. Each one holds a reference to a file. */
const FILES_AT_ONCE = 512;

/** Which outputs, and where. */
export interface OutputsRequest {
  readonly claims: OutputClaims;
  /** Bytes that the binding declares for all outputs; undefined where it declares none, and nothing is bounded. */
  readonly declaredBytes: number | undefined;
  readonly files: SourceFolder;
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
  readonly #hashing = new Set<Promise<void>>();
  #bytes = 0;

  constructor(request: OutputsRequest) {
    const { claims, files } = request;
    const { length } = claims;
    this.#request = request;
    this.found = new FindingTable({
      kinds: new Uint8Array(length),
      digests: new Uint8Array(length * DIGEST_BYTES),
      sizes: new Float64Array(length),
      ...(files.disk === undefined ? {} : { modes: new Uint16Array(length) }),
    });
  }

  async run(): Promise<void> {
    const { claims, signal } = this.#request;
    for (const [from, to] of claims.lawfulRanges()) {
      for (let start = from; start < to; start += PATHS_AT_ONCE) {
        signal?.throwIfAborted();
        await this.#take(start, Math.min(start + PATHS_AT_ONCE, to));
      }
    }
    await Promise.all(this.#hashing);
    signal?.throwIfAborted();
  }

  /** Looks up neighbouring paths, then takes them in the order of the document: it decides whose bytes are too many. */
  async #take(start: number, end: number): Promise<void> {
    const { claims, files } = this.#request;
    const rows = Array.from({ length: end - start }, (_, index) => start + index);
    const resolved = await Promise.all(rows.map((row) => resolvePath(files, claims.at(row)?.path ?? "")));
    for (const [index, row] of rows.entries()) {
      const own = resolved[index];
      if (own !== undefined) this.#takeOne(row, own);
      while (this.#hashing.size >= FILES_AT_ONCE) await Promise.race(this.#hashing);
    }
  }

  #takeOne(row: number, { entry, isThroughLink }: Resolved): void {
    const { kinds, modes, sizes } = this.found.columns;
    const { declaredBytes, onFile } = this.#request;
    if (entry.kind !== "file") {
      kinds[row] = entry.kind === "unreadable" ? FINDING_KINDS.READ_FAILED : FINDING_KINDS.missing;
      onFile?.();
      return;
    }
    const { blob, mode = 0 } = entry;
    this.#bytes += blob.size;
    if (declaredBytes !== undefined && this.#bytes > declaredBytes) {
      kinds[row] = FINDING_KINDS.oversized;
      sizes[row] = this.#bytes;
      onFile?.();
      return;
    }
    sizes[row] = blob.size;
    if (modes !== undefined) modes[row] = (mode & PERMISSIONS) | (isThroughLink ? THROUGH_LINK : 0);
    const hashing = this.#hash(row, blob).finally(() => this.#hashing.delete(hashing));
    this.#hashing.add(hashing);
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
