/**
 * The bytes of a run's outputs where it was sealed: below the root, or in the project's store. They are hashed as they are read, because
 * files change after a verification.
 *
 * @module
 */

import {
  digestToHex,
  type HexDigest,
  matchesDigest,
  ok,
  type Result,
  type VerifiedOutput,
} from "../../core/internal.ts";
import { type AnchoredRoot, openRoot } from "../files/anchored-root.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { NeighbourWalk } from "../files/neighbour-walk.ts";
import { openSource } from "../files/read-source.ts";
import { fillAt } from "../packs/pack-file.ts";
import type { BlobSource } from "../registry/repository.ts";
import { machineReason, reasonOf } from "../runtime/machine-reason.ts";
import { nodeCrypto } from "../runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import type { SourceName } from "../store/output-source.ts";
import { StoredObjects } from "../store/stored-objects.ts";

/** Where the files of a run are. */
export interface OwnPlace {
  readonly root: string;
  /** The project whose store keeps outputs. */
  readonly home: string;
  /** Where they were verified: that place is asked first. */
  readonly source: SourceName;
}

/** Bytes of a large output that are read at once. */
const CHUNK_BYTES: number = 1024 * 1024;

/** An open output: a file, or bytes that the next one overwrites. */
type OpenOutput = { readonly fd: number; readonly size: number } | { readonly content: Uint8Array };

/** Reads the outputs of one run. Its owner disposes of it. */
export class OwnOutputs implements Disposable {
  readonly #root: AnchoredRoot;
  readonly #home: AnchoredRoot;
  readonly #walk: NeighbourWalk;
  readonly #store: StoredObjects | undefined;
  readonly #order: readonly SourceName[];

  private constructor(
    root: AnchoredRoot,
    home: AnchoredRoot,
    store: StoredObjects | undefined,
    source: SourceName,
  ) {
    this.#root = root;
    this.#home = home;
    this.#walk = new NeighbourWalk(root);
    this.#store = store;
    this.#order = source === "root" ? ["root", "store"] : ["store", "root"];
  }

  /** Opens the places. Fails as `openRoot` and `StoredObjects.open` do. */
  static open({ home, root, source }: OwnPlace): Result<OwnOutputs, OperationFault> {
    const openedRoot = openRoot(root);
    if (!openedRoot.ok) return openedRoot;
    const openedHome = openRoot(home);
    if (!openedHome.ok) {
      openedRoot.value.close();
      return openedHome;
    }
    const store = StoredObjects.open(openedHome.value);
    if (!store.ok) {
      openedRoot.value.close();
      openedHome.value.close();
      return store;
    }
    return ok(new OwnOutputs(openedRoot.value, openedHome.value, store.value, source));
  }

  /** Whether the store has something under an output's digest. Nothing is hashed. */
  isKept(digest: HexDigest): boolean {
    try {
      return this.#store?.kindOf(digest) === "file";
    } catch (thrown) {
      if (machineReason(thrown) === undefined) throw thrown;
      return false;
    }
  }

  /**
   * Reads a small output into memory of its size. Fails with PACK_SOURCE_MISSING where neither place has its bytes any more, or
   * READ_FAILED.
   */
  read(output: VerifiedOutput, target: Buffer): OperationFault | undefined {
    try {
      for (const place of this.#order) {
        const opened = this.#open(place, output);
        if (opened !== undefined && fill(opened, target) && holds(target, output)) return undefined;
      }
      return operationFault("PACK_SOURCE_MISSING", { names: [output.path] });
    } catch (thrown) {
      return operationFault("READ_FAILED", { path: output.path, reason: reasonOf(thrown) });
    }
  }

  /** The blob of a large output. The repository hashes its bytes. */
  blob(output: VerifiedOutput): BlobSource {
    return {
      digest: output.digest,
      size: output.bytes,
      open: (offset) => this.#chunks(output, offset),
    };
  }

  [Symbol.dispose](): void {
    this.#store?.close();
    this.#root.close();
    this.#home.close();
  }

  async *#chunks(output: VerifiedOutput, offset: number): AsyncGenerator<Uint8Array | OperationFault> {
    let fd: number | undefined;
    try {
      const opened = this.#openWhole(output);
      if (opened === undefined) {
        yield operationFault("PACK_SOURCE_MISSING", { names: [output.path] });
        return;
      }
      if ("content" in opened) {
        yield Buffer.from(opened.content.subarray(offset));
        return;
      }
      fd = opened.fd;
      // Two: while the system sends one, the next is filled.
      const chunks = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
      for (let position = offset, turn = 0; position < output.bytes; turn++) {
        const chunk = chunks[turn % 2] ?? Buffer.alloc(0);
        const count = fillAt(fd, position, chunk.subarray(0, output.bytes - position), fs);
        if (count === 0) break;
        yield chunk.subarray(0, count);
        position += count;
      }
    } catch (thrown) {
      yield operationFault("READ_FAILED", { path: output.path, reason: reasonOf(thrown) });
    } finally {
      if (fd !== undefined) fs.closeSync(fd);
    }
  }

  /** The first place that has as many bytes. */
  #openWhole(output: VerifiedOutput): OpenOutput | undefined {
    for (const place of this.#order) {
      const opened = this.#open(place, output);
      if (opened === undefined) continue;
      const size = "content" in opened ? opened.content.length : opened.size;
      if (size === output.bytes) return opened;
      if ("fd" in opened) fs.closeSync(opened.fd);
    }
    return undefined;
  }

  #open(place: SourceName, { digest, path }: VerifiedOutput): OpenOutput | undefined {
    if (place === "root") {
      const opened = openSource(this.#walk, path, fs);
      return opened && { fd: opened.fd, size: Number(opened.before.size) };
    }
    const kept = this.#store?.open(digest);
    if (kept === undefined || typeof kept === "string") return undefined;
    return "content" in kept ? kept : { fd: kept.fd, size: Number(kept.before.size) };
  }
}

/** Fills the target with exactly the bytes of a small output, and closes its file. Throws what the system says. */
function fill(opened: OpenOutput, target: Buffer): boolean {
  if ("content" in opened) {
    if (opened.content.length === target.length) target.set(opened.content);
    return opened.content.length === target.length;
  }
  try {
    return opened.size === target.length && fillAt(opened.fd, 0, target, fs) === target.length;
  } finally {
    fs.closeSync(opened.fd);
  }
}

function holds(bytes: Buffer, { digest }: VerifiedOutput): boolean {
  return matchesDigest(digest, digestToHex(nodeCrypto.sha256(bytes)), nodeCrypto);
}
