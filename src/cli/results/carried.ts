/** Runs in a registry. @module */

import type { SignerFacts } from "./signer-facts.ts";
import type { Count, PinnedReference, RunId, Sha256 } from "./words.ts";

/** A run in a registry. @closed */
export interface PushedRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** Its manifest by digest. */
  readonly reference: PinnedReference;
  /**
   * The tags that lead to it now.
   * @minItems 1
   */
  readonly tags: readonly string[];
  /** How many outputs it has. */
  readonly files: Count;
  /** How many blobs the manifest carries. */
  readonly blobs: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** How many blobs were sent. */
  readonly uploaded: Count;
  /** How many were there. */
  readonly present: Count;
  /** Bytes of blobs that were sent, those that were sent twice included. */
  readonly sent_bytes: Count;
  /** Files of countersignatures or timestamps that were pushed with it. */
  readonly referrers: Count;
  /** With `--attest`, else `null`. */
  readonly attestation: AttestationFacts | null;
}

/** An attestation beside a run in a registry. @closed */
export interface AttestationFacts {
  /** Its tag. */
  readonly tag: string;
  /** What `cosign verify-attestation --type` is given. */
  readonly predicate_type: string;
  /** Who signed it. */
  readonly attester: SignerFacts;
}

/** Countersignatures and timestamps that came with a run of a registry. @closed */
export interface ReferrersFacts {
  /** How many were taken. */
  readonly taken: Count;
  /** How many were left out. */
  readonly left: Count;
  /** Whether more exist than are read. */
  readonly more: boolean;
  /** Whether the registry's list of them is malformed, so that none were read. */
  readonly unreadable: boolean;
}

/** A run that was pulled. */
export interface PulledRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root. */
  readonly bundle_root: Sha256;
  /** The sealer's own word; `null` if the bundle is unbound. */
  readonly sealed_at: string | null;
  /** Whether the bundle is bound. */
  readonly bound: boolean;
  /** Only of a registry: the manifest by digest, which a tag led to. */
  readonly reference?: PinnedReference;
  /** Only of an archive: the file, as the caller named it. */
  readonly archive?: string;
  /** How many outputs it has. */
  readonly files: Count;
  /** Their bytes. */
  readonly bytes: Count;
  /** Whether the project had the run before. */
  readonly was_there: boolean;
  /** Whether the project's own history names the run. `false`: it is kept apart, in `.runseal/pulled`. */
  readonly in_history: boolean;
  /** Bytes of outputs that were fetched, or taken out of the archive. */
  readonly fetched_bytes: Count;
  /** Bytes of outputs that the project's store had. */
  readonly present_bytes: Count;
  /** Only of a registry: what came with the run. */
  readonly referrers?: ReferrersFacts;
}
