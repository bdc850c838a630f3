/**
 * What a restore checks of a bundle beyond the verdict, in the order and the codes of PROTOCOL 13.3.
 *
 * @module
 */

import type { EligibleBundle } from "../../judge/bundle/judge.ts";
import { parseArtifact } from "../../judge/bundle/phases/parse.ts";
import { checkProofHash, checkRestorationResult } from "../../judge/bundle/phases/proof.ts";
import { checkBoundProof } from "../../records/artifacts/binding.ts";
import type { ArtifactReading } from "../../records/artifacts/opened-bundle.ts";
import type { OutputClaim } from "../../records/artifacts/output-claims.ts";
import type { Crypto } from "../../system/bytes/crypto.ts";
import { type RestoreFault, restoreFault } from "../../system/codes/restore-fault.ts";
import { isJsonObject } from "../../system/json/json-value.ts";

/** Names below the root that a restore keeps for itself (PROTOCOL 13.5). */
export const STAGING_PREFIX = ".spectrum06_";

/** Step 3, the proof: it is there, it is strict JSON, it says that all was restored, and its hash holds. */
export function checkRestoreProof(eligible: EligibleBundle, crypto: Crypto): RestoreFault | undefined {
  const { opened, status } = eligible;
  if (opened.artifacts["PROOF.json"].kind === "missing") return fail("RESTORE_PROOF_MISSING");
  const proof = parseArtifact(opened, "PROOF.json");
  if (!proof.ok) return fail("RESTORE_PROOF_MALFORMED");
  const result = checkRestorationResult(proof.value.object);
  if (result?.code === "FIELD_MISSING") return fail("RESTORE_PROOF_RESTORATION_RESULT_MISSING");
  // A failed run may have left its scratch folders changed: its proof says so.
  if (result !== undefined && !eligible.isFailed) return fail("RESTORE_PROOF_NOT_VERIFIED");
  const rejection =
    checkProofHash(proof.value.object, crypto) ?? checkBoundProof(status, proof.value.bytes, crypto);
  if (rejection === undefined) return undefined;
  const details = { ...rejection.details, verifier_code: rejection.code };
  return restoreFault("PREFLIGHT", "RESTORE_VERIFY_STRICT_FAILED", details);

  function fail(code: RestoreFault["code"]): RestoreFault {
    return restoreFault("PREFLIGHT", code, { artifact: "PROOF.json", run_id: opened.runId });
  }
}

/**
 * Step 3, the hashes as they stand now: a file that changed since it was verified shows that another process writes
 * to the bundle. Fails with RESTORE_OUTPUT_HASHES_MISSING,
 * RESTORE_OUTPUT_HASHES_HASHES_MISSING, or RESTORE_OUTPUT_HASHES_MALFORMED for any other change.
 */
export function checkHashesUnchanged(
  { opened, outputHashes }: EligibleBundle,
  now: ArtifactReading,
  crypto: Crypto,
): RestoreFault | undefined {
  if (now.kind === "missing") return fail("RESTORE_OUTPUT_HASHES_MISSING");
  const isSame =
    now.kind === "bytes" && crypto.equalDigests(crypto.sha256(now.bytes), crypto.sha256(outputHashes.bytes));
  if (isSame) return undefined;
  const parsed = parseArtifact({ ...opened, artifacts: { ...opened.artifacts, [HASHES]: now } }, HASHES);
  const lost = parsed.ok && !isJsonObject(parsed.value.object.get("hashes"));
  return fail(lost ? "RESTORE_OUTPUT_HASHES_HASHES_MISSING" : "RESTORE_OUTPUT_HASHES_MALFORMED");

  function fail(code: RestoreFault["code"]): RestoreFault {
    return restoreFault("PREFLIGHT", code, { artifact: HASHES, run_id: opened.runId });
  }
}

const HASHES = "OUTPUT_HASHES.json";

/**
 * Step 3, the hashes: a bundle without outputs is accepted by a verifier, but there is nothing to restore. A tree without files
 * may have links or empty folders, and a snapshot may be of an empty folder.
 */
export function checkHashesNotEmpty({ claims, tree }: EligibleBundle): RestoreFault | undefined {
  if (claims.length > 0 || tree?.kind === "snapshot") return undefined;
  if (tree !== undefined && tree.links.paths.length + tree.emptyFolders.length > 0) return undefined;
  return restoreFault("PREFLIGHT", "RESTORE_OUTPUT_HASHES_HASHES_EMPTY", { artifact: "OUTPUT_HASHES.json" });
}

/** Step 5 for a link or an empty folder of a lawful tree, but for links in the target. */
export function checkTreePath(path: string): RestoreFault | undefined {
  if (!path.startsWith(STAGING_PREFIX)) return undefined;
  return restoreFault("PREFLIGHT", "RESTORE_PATH_TRAVERSAL_DETECTED", { path });
}

/** Step 5 for one path, but for links in the target, which only a disk can tell. */
export function checkRestorePath(claim: OutputClaim): RestoreFault | undefined {
  const { path } = claim;
  if (claim.lawful && !path.startsWith(STAGING_PREFIX)) return undefined;
  const onlyNull = !claim.lawful && claim.breach === "null-byte";
  const code = onlyNull ? "RESTORE_PATH_NULL_BYTE_DETECTED" : "RESTORE_PATH_TRAVERSAL_DETECTED";
  return restoreFault("PREFLIGHT", code, { path });
}
