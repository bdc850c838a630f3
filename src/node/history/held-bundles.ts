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

  /** Whether there is room for what a bundle that awaits its outputs holds of its artifacts. */
  hasRoomFor(opened: OpenedBundle): boolean {
    return this.#bytes + heldBytes(opened) <= MOST_HELD_BYTES;
  }

  /** Holds a bundle that awaits its outputs. The caller has seen that there is room. */
  hold(opened: OpenedBundle, awaited: AwaitedBundle): void {
    this.#bytes += heldBytes(opened);
    this.#held.set(opened.runId, awaited);
  }

  /** Gives a bundle and lets it go; undefined where it is not held. */
  take(runId: string): AwaitedBundle | undefined {
    const held = this.#held.get(runId);
    this.#held.delete(runId);
    return held;
  }
}

function heldBytes({ artifacts, countersignatures, timestamps }: OpenedBundle): number {
  const { "OUTPUT_HASHES.json": outputHashes, "TASK_SPEC.json": taskSpec } = artifacts;
  const documents = [taskSpec, outputHashes, countersignatures, timestamps];
  return documents.reduce(
    (sum, document) => sum + (document?.kind === "bytes" ? document.bytes.length : 0),
    0,
  );
}
