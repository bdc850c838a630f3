/**
 * What a caller brings to the core: the bytes of a run directory, opened without trusting them.
 *
 * @module
 */

import type { ArtifactName, ForbiddenName } from "../../system/paths/artifact-name.ts";

/** What was found under the name of one artifact. */
export type ArtifactReading =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Nothing, or a link that leads nowhere. */
  | { readonly kind: "missing" }
  /** A link, folder, FIFO or device: never opened (PROTOCOL 8, phase 2). */
  | { readonly kind: "not-a-regular-file" }
  /** Larger than the limit, in bytes; not read. */
  | { readonly kind: "too-large"; readonly limit: number };

/** A run directory as it was found. */
export interface OpenedBundle {
  /** The last component of the run directory's path made absolute, links not followed. */
  readonly runId: string;
  readonly artifacts: Readonly<Record<ArtifactName, ArtifactReading>>;
  /** Which of the forbidden names have an entry of any kind, by lstat. */
  readonly forbidden: readonly ForbiddenName[];
  /** Whether there is an entry OUTPUT_TREE.json, of whatever kind. It is read only for a binding that names it. */
  readonly hasTree?: boolean;
  /** A small OUTPUT_TREE.json, read with the artifacts where that was cheap. What reads the tree may take it, and judges it then. */
  readonly smallTree?: ArtifactReading | undefined;
  /** What was found as COUNTERSIGNATURES.json; no verdict depends on it. */
  readonly countersignatures?: ArtifactReading | { readonly kind: "unreadable" };
  /** What was found as TIMESTAMPS.json; no verdict depends on it. */
  readonly timestamps?: ArtifactReading | { readonly kind: "unreadable" };
  /** Names of further entries for which `isConfusableName` holds. */
  readonly confusable: readonly string[];
}

/** Asks for each artifact in the order of their names. */
export function eachArtifact(read: (name: ArtifactName) => ArtifactReading): OpenedBundle["artifacts"] {
  return {
    "TASK_SPEC.json": read("TASK_SPEC.json"),
    "STATUS.json": read("STATUS.json"),
    "OUTPUT_HASHES.json": read("OUTPUT_HASHES.json"),
    "PROOF.json": read("PROOF.json"),
    "VALIDATOR_IDENTITY.json": read("VALIDATOR_IDENTITY.json"),
    "SIGNED_PAYLOAD.json": read("SIGNED_PAYLOAD.json"),
    "SIGNATURE.json": read("SIGNATURE.json"),
  };
}
