/**
 * What a bundle is made of, before any artifact of it is.
 *
 * @module
 */

import type {
  BoundGuard,
  FailedRun,
  FindingTable,
  HexDigest,
  JsonObject,
  Listing,
  OutputTable,
  TreeCounts,
  UnsignedBundle,
} from "../../../core/internal.ts";
import type { HashedOutput } from "../../records/store/keeping.ts";
import type { FileIdentity } from "../../system/files/made-entry.ts";
import type { RefusedEntry } from "../../system/runtime/operation-fault.ts";

export type { TreeCounts } from "../../../core/internal.ts";

/** How a run ended, as its STATUS.json says it. No verifier accepts a failed one. */
export type RunOutcome =
  | { readonly status: "success" }
  | {
      readonly status: "failure";
      /** Undefined where the command did well, and only its scratch folders are not as they were found. */
      readonly error: RunError | undefined;
      /** Whether the scratch folders were left as found: `cmp01`. */
      readonly isRestored: boolean;
    };

/** Why a run failed. */
export interface RunError {
  readonly code: string;
  readonly message: string;
  /** Outputs that can't be sealed. */
  readonly refused: readonly RefusedEntry[];
}

/** All outputs of a run, in byte order of path. */
export interface SealedOutputs extends Listing<HashedOutput> {
  readonly table: OutputTable;
  /** What was found of them: a file each. */
  readonly findings: FindingTable;
  /** Bytes of all of them together. */
  readonly bytes: number;
}

/** OUTPUT_TREE.json of a new bundle. */
export interface EncodedTree {
  readonly bytes: Uint8Array;
  readonly counts: TreeCounts;
}

/** The run that a bundle names as the one before it. */
export interface PreviousRun {
  readonly bundleRoot: HexDigest;
  readonly proofHash: HexDigest;
}

/** How a bundle is linked into a history. */
export interface BundleLinks {
  /** Undefined on the first run of a history, and outside of projects. */
  readonly previous: PreviousRun | undefined;
  /** Runs since that one that failed or were killed, in order of time. */
  readonly failedRuns: readonly FailedRun[];
}

/** What was found, of which a bundle is made. */
export interface BundleContents {
  /** A name that `isRunId` accepts. */
  readonly runId: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly sealedAt: string;
  readonly outcome: RunOutcome;
  readonly outputs: SealedOutputs;
  /** Undefined for a plain bundle, which another program sealed. */
  readonly tree: EncodedTree | undefined;
  /** PROOF.json but for its link and its hash. It has no numbers. */
  readonly proof: JsonObject;
  /** TASK_SPEC.json, byte for byte. */
  readonly taskSpec: Uint8Array;
  /** The snapshots of a guarded run; undefined for any other bundle. */
  readonly guard?: BoundGuard | undefined;
  /** The name of the run's record in the project; undefined for a seal that is not of a run. */
  readonly record?: string | undefined;
  /** The Merkle root of the outputs, if another thread computes it. */
  readonly outputsRoot?: Promise<HexDigest> | undefined;
  /** An unsigned bundle that is signed now; undefined where the bundle is made of the contents. */
  readonly given?: GivenBundle | undefined;
}

/** An unsigned bundle, and when it is signed. */
export interface GivenBundle {
  readonly unsigned: UnsignedBundle;
  /** The folder that it was read from. */
  readonly folder: FileIdentity;
  /** RFC 3339, UTC, whole seconds; not before the bundle was sealed. */
  readonly signedAt: string;
}
