/**
 * The head of a project: the last run of its history, as `.runseal/HEAD` has it. Canonical JSON and a line feed:
 *
 *     {"bundle_root":"…","proof_hash":"…","run_id":"…","version":1}
 *
 * The next seal names both digests (PROTOCOL 10, 11). Reading is strict: a head is, byte for byte, what runseal
 * writes.
 *
 * @module
 */

import { DIGEST, type RecordFile, recordFile, text } from "../../system/json/record.ts";
import { isRunId } from "../../system/paths/run-id.ts";
import type { HistoryHead } from "./history-model.ts";

/** The file's name in the project's own folder. */
export const HEAD_NAME = "HEAD";

/** Bytes of a HEAD. One has a few hundred. */
export const MAX_HEAD_BYTES = 4096;

/** A head as a file. */
export const PROJECT_HEAD: RecordFile<HistoryHead> = recordFile(1, {
  bundleRoot: DIGEST,
  proofHash: DIGEST,
  runId: text(isRunId),
});
