/** The bytes of a run's outputs where it was sealed, for a push. @module */

import type { HexDigest, VerifiedOutput } from "../../../core/internal.ts";
import { type OutputPlace, OutputPlaces } from "../../records/store/output-places.ts";
import type { SourceName } from "../../records/store/output-source.ts";
import { readSealed, type SealedOutputsPlace, sealedChunks } from "../../records/store/sealed-outputs.ts";
import { unlessRefused } from "../../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { BlobSource } from "../registry/repository.ts";

/** Where the files of a run are. */
export interface OwnPlace extends OutputPlace {
  readonly runId: string;
  /** Where they were verified: that place is asked first. */
  readonly source: SourceName;
}

/** Reads the outputs of one run. Its owner disposes of it. */
export class OwnOutputs implements Disposable {
  readonly #places = new OutputPlaces();
  readonly #place: SealedOutputsPlace;

  constructor(place: OwnPlace) {
    const { runId: run_id, source } = place;
    this.#place = {
      ...place,
      order: source === "root" ? ["root", "store"] : ["store", "root"],
      missing: (path) => operationFault("PACK_SOURCE_MISSING", { run_id, names: [path], more: 0 }),
    };
  }

  /** Whether the store has something under an output's digest. Nothing is hashed. */
  isKept(digest: HexDigest): boolean {
    const store = this.#places.storeOf(this.#place.home);
    return store.ok && unlessRefused(() => store.value?.kindOf(digest)) === "file";
  }

  /**
   * Reads a small output into memory of its size. Fails with PACK_SOURCE_MISSING where neither place has its bytes any more, or
   * READ_FAILED.
   */
  read(output: VerifiedOutput, target: Buffer): OperationFault | undefined {
    return readSealed(this.#places, this.#place, output, target);
  }

  /** The blob of a large output. The repository hashes its bytes. */
  blob(output: VerifiedOutput): BlobSource {
    const { bytes: size, digest } = output;
    return { digest, size, open: (offset) => sealedChunks(this.#places, this.#place, output, offset) };
  }

  [Symbol.dispose](): void {
    this.#places[Symbol.dispose]();
  }
}
