/**
 * The outcomes of a restore and of a recovery (PROTOCOL 13.2 and 13.9).
 *
 * @module
 */

import type {
  HexDigest,
  RestorePhase,
  SignerIdentity,
  TreeLink,
  TrustDecision,
} from "../../../../core/internal.ts";
import type { CarrierName } from "../../../judge/source/bundle-source.ts";
import type { Protection } from "../../../system/files/shared-above.ts";
import type { Recovery, RestoreFailure } from "../../transaction/restore-failure.ts";

/** All is in place, or, after a dry run, would have been. */
export interface RestoreSuccess {
  readonly ok: true;
  readonly code: null;
  /** PLAN after a dry run. */
  readonly phase: RestorePhase;
  readonly cause_code: null;
  /** One run, or those of a chain in order. */
  readonly runs: readonly RestoredBundle[];
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
  /** Relative to the restore root. Made when it is first read: a million files have a long list. */
  readonly paths: readonly string[];
  readonly bytes: number;
  /** Links and empty folders of trees, relative to the restore root; each list is made when it is first read. */
  readonly links: readonly TreeLink[];
  readonly emptyFolders: readonly string[];
  /** Paths of links that were left out, because the caller wanted none. */
  readonly linksLeftOut: readonly string[];
  /** What kept other processes from leading the restore elsewhere. */
  readonly protection: Protection;
  /** Whether the staging folder is removed too; `runseal recover` removes what is left of it. */
  readonly isClean: boolean;
  /** Earlier restores into the same root that were killed, and recovered before this one. */
  readonly recovered: readonly Recovery[];
  /** Names of staging folders beside a new root that were left alone: nothing shows whether their owners live. */
  readonly left: readonly string[];
}

/** One bundle that was restored. */
export interface RestoredBundle {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  readonly signer: SignerIdentity;
  readonly trust: TrustDecision | undefined;
  /** Where its outputs came from. */
  readonly source: CarrierName;
  readonly files: number;
  readonly bytes: number;
  /** Whether only the selected outputs were read and verified, and no other output of the run. */
  readonly isSelection: boolean;
  /** Why the run failed, as its bundle says; undefined if it succeeded. */
  readonly failure: { readonly code: string | undefined; readonly message: string | undefined } | undefined;
}

/** One of the two. */
export type RestoreOutcome = RestoreSuccess | RestoreFailure;
