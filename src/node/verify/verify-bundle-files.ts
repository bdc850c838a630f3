/**
 * Verifying a bundle on disk: open it, judge its artifacts, hash its outputs, conclude (PROTOCOL 8).
 *
 * @module
 */

import {
  concludeVerification,
  DEFAULT_LIMITS,
  type JudgedBundle,
  judgeArtifacts,
  type Limits,
  type OutputClaim,
  type OutputFindings,
  ok,
  outputFailures,
  type Rejection,
  type Result,
  type Undecided,
  type VerifiedBundle,
  type VerifyContext,
} from "../../core/index.ts";
import { AnchoredRoot } from "../files/anchored-root.ts";
import { hashFiles } from "../files/hash-files.ts";
import { machineReason } from "../files/machine-reason.ts";
import { openBundle } from "../files/open-bundle.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";

/** What to verify, and against which folder. */
export interface VerifyRequest {
  /** The run directory. */
  readonly bundle: string;
  /** The project root: the folder that output paths are relative to. Always given, never guessed here. */
  readonly root: string;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
}

/** Why a bundle isn't verified: it is rejected, or there was no verdict. */
export type VerifyFailure = Rejection | Undecided | OperationFault;

/** What a caller may learn besides the verdict. */
export interface VerifyReport {
  readonly verdict: Result<VerifiedBundle, VerifyFailure>;
  /** What the signature claims, once it held; undefined where the artifacts were rejected. */
  readonly judged: JudgedBundle | undefined;
  /** Every changed and missing file, in the order of the document. */
  readonly failures: () => Iterable<Rejection | Undecided>;
}

/** The core's context on this platform. */
export function verifyContext(limits: Limits = DEFAULT_LIMITS): VerifyContext {
  return { crypto: nodeCrypto, pathRules: { refuseColon: process.platform === "win32" }, limits };
}

/** Verifies one bundle on disk. Throws only an Interruption, and on bugs and dying workers. */
export async function verifyBundle(request: VerifyRequest): Promise<Result<VerifiedBundle, VerifyFailure>> {
  return (await reportOnBundle(request)).verdict;
}

/** Verifies one bundle, and keeps what else there is to tell of it. */
export async function reportOnBundle(request: VerifyRequest): Promise<VerifyReport> {
  const context = verifyContext(request.limits);
  const opened = openBundle(request.bundle, request.limits);
  if (!opened.ok) return { verdict: opened, judged: undefined, failures: () => [] };
  const judged = judgeArtifacts(opened.value, context);
  if (!judged.ok) return { verdict: judged, judged: undefined, failures: () => [] };
  const findings = await hashClaims(judged.value.claims, request);
  if (!findings.ok) return { verdict: findings, judged: judged.value, failures: () => [] };
  return {
    verdict: concludeVerification(judged.value, findings.value, context),
    judged: judged.value,
    failures: () => outputFailures(judged.value.claims, findings.value, context.crypto),
  };
}

/** Looks at the outputs that lawful claims name; nothing is opened for the others. */
export async function hashClaims(
  claims: readonly OutputClaim[],
  request: Pick<VerifyRequest, "root" | "signal">,
): Promise<Result<OutputFindings, OperationFault>> {
  const lawful = claims.flatMap((claim) => (claim.lawful ? [claim.path] : []));
  if (lawful.length === 0) return ok(claims.map(() => undefined));
  const root = openRoot(request.root);
  if (!root.ok) return root;
  try {
    const found = await hashFiles(root.value, lawful, { signal: request.signal });
    let next = 0;
    return ok(claims.map((claim) => (claim.lawful ? found[next++] : undefined)));
  } finally {
    root.value.close();
  }
}

/** Opens a project root. Fails with ROOT_NOT_FOUND, or READ_FAILED where it is there but closed to us. */
export function openRoot(path: string): Result<AnchoredRoot, OperationFault> {
  try {
    return ok(AnchoredRoot.open(path));
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    const absent = reason === "other" || reason === "not-a-folder";
    return absent
      ? operationFault("ROOT_NOT_FOUND", { path })
      : operationFault("READ_FAILED", { path, reason });
  }
}
