/**
 * The subjects of a statement about a run.
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";
import type { RunEvidence } from "./run-evidence.ts";
import { MAX_SUBJECTS, ROOT_SUBJECT, type Subject } from "./statement.ts";

/** The subject that is the list of `encodeSha256Sums`, and the name of its file. */
export const SUMS_SUBJECT = "SHA256SUMS";

/** The subject that is the bundle's manifest. */
export const MANIFEST_SUBJECT = "OUTPUT_HASHES.json";

const OWN_SUBJECTS: readonly string[] = [ROOT_SUBJECT, MANIFEST_SUBJECT, SUMS_SUBJECT];

/** Whether an output of that path would be taken for one of the subjects that every statement has. */
export function isOwnSubject(path: string): boolean {
  return OWN_SUBJECTS.includes(path);
}

/**
 * The bundle root, the manifest, the list of digests, and every output if all of them are within the limit of verifiers. A run with
 * more outputs names none: the list commits to all.
 */
export function subjectsOf(evidence: RunEvidence, sumsDigest: HexDigest): readonly Subject[] {
  const { bundleRoot, outputHashesDigest, outputs } = evidence;
  const own = [
    { name: ROOT_SUBJECT, sha256: bundleRoot },
    { name: MANIFEST_SUBJECT, sha256: outputHashesDigest },
    { name: SUMS_SUBJECT, sha256: sumsDigest },
  ];
  if (own.length + outputs.length > MAX_SUBJECTS) return own;
  return [...own, ...Array.from(outputs, ({ digest, path }) => ({ name: path, sha256: digest }))];
}
