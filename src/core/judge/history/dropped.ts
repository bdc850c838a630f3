/**
 * DROPPED.json: runs of a project whose bundles stay, and whose bytes were dropped from its store (PROTOCOL 18):
 *
 *     {"dropped_at":"2026-11-25T01:02:03Z","public_key":"…","runs":[{"bundle_root":"…","run_id":"…"}],"signature":"…","version":1}
 *
 * A run whose outputs are missing is what an attacker leaves. So the one who drops bytes signs whose.
 *
 * @module
 */

import { isRunName } from "../../records/artifacts/failed-runs.ts";
import type { SignerIdentity } from "../../records/artifacts/identity.ts";
import type { HexDigest } from "../../system/bytes/hex.ts";
import { DEFAULT_LIMITS } from "../../system/bytes/limits.ts";
import { DIGEST, list, MOMENT, object, text, where } from "../../system/json/record.ts";
import type { HistoryCut } from "./cut.ts";
import { type Signed, type SignedFile, signedFile } from "./signed-file.ts";

/** A run whose bytes were dropped. */
export interface DroppedRun {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
}

/** What a signer vouches for. */
export interface DroppedFacts {
  /** When bytes were dropped last, RFC 3339, UTC, whole seconds: the signer's own word. */
  readonly droppedAt: string;
  /** All such runs, at least one. */
  readonly runs: readonly DroppedRun[];
}

/** A record of dropped bytes whose signature holds. */
export type DroppedBytes = Signed<DroppedFacts>;

const RUN = object<DroppedRun>({ bundleRoot: DIGEST, runId: text(isRunName) });

/** The codec of DROPPED.json, with room for the longest history if its names are of usual length: 116 bytes a run. No longer list is signed. */
export const DROPPED_FILE: SignedFile<DroppedFacts> = signedFile<DroppedFacts>(
  { name: "DROPPED.json", prefix: "RUNSEAL-DROPPED-v1:", maxBytes: 128 * 1024 * 1024 },
  { droppedAt: MOMENT, runs: where(list(RUN, DEFAULT_LIMITS.runs), (runs) => runs.length > 0) },
);

/** A signed file that excuses what a history lacks. */
export interface HistoryStatement {
  /** In a sentence. */
  readonly name: string;
  readonly signer: SignerIdentity;
  /** The signer's own word. */
  readonly signedAt: string;
}

/** What a verified history rests on besides its bundles. A policy judges the signer of each. */
export function historyStatements(
  cut: HistoryCut | undefined,
  dropped: DroppedBytes | undefined,
): readonly HistoryStatement[] {
  return [
    cut && { name: "the cut at its beginning", signer: cut.signer, signedAt: cut.cutAt },
    dropped && { name: "the record of dropped bytes", signer: dropped.signer, signedAt: dropped.droppedAt },
  ].filter((one) => one !== undefined);
}
