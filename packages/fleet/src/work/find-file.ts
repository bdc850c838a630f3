/** Which runs of a repository contain a file: by range reads of their packs' indexes, and then by their signed artifacts. @module */

import { listRuns, type OperationFault, openRun, type Result, type TrustFault } from "runseal";
import { ok } from "runseal/core";

const DIGEST_BYTES = 32;

/** Codes of a bundle that is itself at fault, and not the way to it: any user who may push can put such a thing there. */
const BROKEN: readonly string[] = ["CARRIED_RUN_MALFORMED", "REGISTRY_MALFORMED", "REGISTRY_NOT_FOUND"];

/** What to look for, and where. */
export interface FindRequest {
  /** The SHA-256 of the file, 64 lowercase hex. */
  readonly file: string;
  readonly from: string;
  readonly plainHttp: boolean;
  readonly signal: AbortSignal;
}

/** A run whose artifacts name the file. */
export interface FoundRun {
  readonly reference: string;
  readonly run_id: string;
  /** The digest of its manifest. */
  readonly digest: string;
}

/** What was found. */
export interface FoundRuns {
  readonly runs: readonly FoundRun[];
  /** Tags, indexes and bundles that are broken or gone: such a run may contain the file. */
  readonly broken: number;
  /** Whether the repository has more tags than are listed. */
  readonly more: boolean;
}

/**
 * Finds runs. An index of a pack is not signed, so the artifacts of a run that names the file are judged, and must name it too. The outputs
 * are not hashed, and the signer is not judged: an audit does that. Fails as the repository does. Throws the signal's reason.
 */
export async function findFile({
  file,
  from,
  plainHttp,
  signal,
}: FindRequest): Promise<Result<FoundRuns, OperationFault | TrustFault>> {
  const plain = plainHttp ? { plainHttp } : {};
  const listed = await listRuns({ from, containing: file, signal, ...plain });
  if (!listed.ok) return listed;
  const runs: FoundRun[] = [];
  let { broken } = listed.value;
  for (const { reference, runId } of listed.value.runs) {
    const opened = await openRun({ from: reference, trust: "any-signer", signal, ...plain });
    if (!opened.ok) {
      if (!BROKEN.includes(opened.code)) return opened;
      broken++;
      continue;
    }
    using run = opened.value;
    const outputs = run.outputs();
    if (!outputs.ok) broken++;
    else if (hasDigest(outputs.value.claims.columns.digests, file))
      runs.push({ reference, run_id: runId, digest: reference.slice(-2 * DIGEST_BYTES) });
  }
  return ok({ runs, broken, more: listed.value.more });
}

/** Whether a column of digests has one of them. They are public: no comparison needs to take the same time. */
function hasDigest(digests: Uint8Array, file: string): boolean {
  const column = Buffer.from(digests.buffer, digests.byteOffset, digests.length);
  const wanted = Buffer.from(file, "hex");
  let at = column.indexOf(wanted);
  while (at >= 0 && at % DIGEST_BYTES !== 0) at = column.indexOf(wanted, at + 1);
  return at >= 0;
}
