/**
 * The head of a project: the last run of its line, as `.runseal/HEAD` has it. Canonical JSON and a line feed:
 *
 *     {"bundle_root":"…","proof_hash":"…","run_id":"…","version":1}
 *
 * The next seal names both digests (PROTOCOL 10, 11). Reading is strict: a head is, byte for byte, what runseal
 * writes.
 *
 * @module
 */

import { concatBytes, isSameBytes } from "../bytes/bytes.ts";
import { isHexDigest } from "../bytes/hex.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { encodeOwn } from "../json/canonical-json.ts";
import { asCount, isJsonObject, jsonObject } from "../json/json-value.ts";
import { parseStrictJson } from "../json/strict-json.ts";
import { isRunId } from "../paths/run-id.ts";
import type { HistoryHead } from "./history-model.ts";

/** The file's name in the project's own folder. */
export const HEAD_NAME = "HEAD";

/** Bytes of a HEAD. One has a few hundred. */
export const MAX_HEAD_BYTES = 4096;

const VERSION = 1;

/** Encodes a head: one line with its line feed, UTF-8. */
export function encodeProjectHead({ runId, bundleRoot, proofHash }: HistoryHead): Uint8Array {
  const head = jsonObject({
    bundle_root: bundleRoot,
    proof_hash: proofHash,
    run_id: runId,
    version: VERSION,
  });
  return concatBytes([encodeOwn(head), encodeUtf8("\n")]);
}

/** Parses what `encodeProjectHead` gives; `undefined` for anything else, even if one byte differs. */
export function parseProjectHead(bytes: Uint8Array): HistoryHead | undefined {
  const parsed = parseStrictJson(bytes);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const runId = parsed.value.get("run_id");
  const bundleRoot = parsed.value.get("bundle_root");
  const proofHash = parsed.value.get("proof_hash");
  if (asCount(parsed.value.get("version")) !== VERSION) return undefined;
  if (typeof runId !== "string" || !isRunId(runId)) return undefined;
  if (!isHexDigest(bundleRoot) || !isHexDigest(proofHash)) return undefined;
  const head = { runId, bundleRoot, proofHash };
  return isSameBytes(encodeProjectHead(head), bytes) ? head : undefined;
}
