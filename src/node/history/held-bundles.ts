/**
 * Bundles of a history that were judged, held until it is known which of them are its line. Their memory is bounded, because
 * an attacker who can write to a project can add any number of bundles, each as large as the limits allow.
 *
 * @module
 */

import type { AwaitedBundle, OpenedBundle } from "../../core/internal.ts";

/** Bytes of documents that are held at once: those of some hundred thousand small bundles. */
export const MOST_HELD_BYTES: number = 64 * 1024 * 1024;

/** Judged bundles by their run ids. One that is not held is to be read again. */
export class HeldBundles {
  readonly #held = new Map<string, AwaitedBundle>();
  #bytes = 0;

  /** Holds a bundle that awaits its outputs, where there is room for what it holds of its artifacts. */
  hold({ artifacts, countersignatures, runId }: OpenedBundle, awaited: AwaitedBundle): void {
    const documents = [artifacts["TASK_SPEC.json"], artifacts["OUTPUT_HASHES.json"], countersignatures];
    const bytes = documents.reduce(
      (sum, document) => sum + (document?.kind === "bytes" ? document.bytes.length : 0),
      this.#bytes,
    );
    if (bytes > MOST_HELD_BYTES) return;
    this.#bytes = bytes;
    this.#held.set(runId, awaited);
  }

  /** Gives a bundle and lets it go; undefined where it is not held. */
  take(runId: string): AwaitedBundle | undefined {
    const held = this.#held.get(runId);
    this.#held.delete(runId);
    return held;
  }
}
