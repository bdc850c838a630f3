/**
 * CUT.json: the bundle at which the history of a project begins after older ones were forgotten (PROTOCOL 18):
 *
 *     {"bundle_root":"…","cut_at":"2026-11-25T01:02:03Z","failed_runs":[{"bundle_root":"…","run_id":"…"}],
 *      "forgotten":12,"public_key":"…","signature":"…","version":1}
 *
 * A removed bundle leaves a gap, and a gap is what an attacker leaves. So the one who forgets signs where the history begins.
 *
 * @module
 */

import { FAILED_RUNS, type FailedRun } from "../../records/artifacts/failed-runs.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { count, DIGEST, MOMENT, where } from "../../system/json/record.ts";
import { type Signed, type SignedFile, signedFile } from "./signed-file.ts";

/** What a signer vouches for. */
export interface CutFacts {
  /** The root of the bundle at which the history now begins. */
  readonly bundleRoot: HexDigest;
  /** RFC 3339, UTC, whole seconds: the signer's own word. */
  readonly cutAt: string;
  /** Forgotten runs that the bundles which stay list as failed. Each has a root. */
  readonly failedRuns: readonly FailedRun[];
  /** How many bundles were forgotten since the history began, in all cuts together. */
  readonly forgotten: number;
}

/** A cut whose signature holds. */
export type HistoryCut = Signed<CutFacts>;

/** The codec of CUT.json, with room for a full list of failed runs, each with the longest name there is. */
export const CUT_FILE: SignedFile<CutFacts> = signedFile<CutFacts>(
  { name: "CUT.json", prefix: "RUNSEAL-CUT-v1:", maxBytes: 2 * 1024 * 1024 },
  {
    bundleRoot: DIGEST,
    cutAt: MOMENT,
    failedRuns: where(FAILED_RUNS, (runs) => runs.every((run) => run.bundleRoot !== undefined)),
    forgotten: where(count(), (runs) => runs > 0),
  },
);
