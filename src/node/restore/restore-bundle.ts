/**
 * Restoring one bundle: PREFLIGHT, PLAN, EXECUTE, VERIFY (PROTOCOL 13).
 *
 * @module
 */

import {
  admitCandidate,
  checkSources,
  checkTargets,
  ok,
  planRestore,
  type RestoreFault,
  type RestorePlan,
  type Result,
  restoreFault,
  type SourceKind,
} from "../../core/index.ts";
import { canAnchor, stillLeadsTo } from "../files/anchored-dir.ts";
import type { AnchoredRoot } from "../files/anchored-root.ts";
import { type FileSystem, nodeFileSystem } from "../files/file-system.ts";
import { machineReason } from "../files/machine-reason.ts";
import { openRoot, type VerifyRequest, verifyContext } from "../verify/verify-bundle-files.ts";
import { checkEligibility, type Eligibility, notVerified, type TrustDemand } from "./eligibility.ts";
import { execute } from "./execute.ts";
import { type NewPlace, NewRoot } from "./new-root.ts";
import { type RestoreFailure, type RestoreOutcome, refused, undone } from "./restore-outcome.ts";
import { checkPaths, closeTarget, openTarget, type Target, targetExists } from "./target-root.ts";

/** What to restore, from where, and where to. */
export interface RestoreRequest extends VerifyRequest {
  /** The restore root: an absolute path. */
  readonly target: string | null | undefined;
  readonly trust: TrustDemand;
  /** Make the restore root if it isn't there. */
  readonly mkdir?: boolean;
  /** Go no further than PLAN, and write nothing. */
  readonly dryRun?: boolean;
}

/** Restores a bundle, all or nothing. Throws an Interruption when the signal fired and all was undone. */
export async function restoreBundle(
  request: RestoreRequest,
  fs: FileSystem = nodeFileSystem,
): Promise<RestoreOutcome> {
  if (!canAnchor()) return refused(unsupportedPlatform());
  const eligibility = await checkEligibility(request, request.trust);
  if (!eligibility.ok) {
    const { trust } = eligibility;
    return trust === undefined ? refused(eligibility) : { ...refused(eligibility), trust };
  }
  const target = openTarget(request.target, request.mkdir ?? false, fs);
  if (!target.ok) return refused(target);
  try {
    return await restoreInto(target.value, eligibility.value, request, fs);
  } finally {
    closeTarget(target.value);
  }
}

/** Without folders held by descriptor, a restore could be led astray: it is refused, not weakened (H-04). */
function unsupportedPlatform(): RestoreFault {
  return restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason: "unsupported-platform" });
}

async function restoreInto(
  target: Target,
  { eligible, trust }: Eligibility,
  request: RestoreRequest,
  fs: FileSystem,
): Promise<RestoreOutcome> {
  const source = openRoot(request.root);
  if (!source.ok) return refused(notVerified(source));
  try {
    const planned = checked(() => {
      const unlawful = checkPaths(eligible.claims, target, fs);
      if (unlawful !== undefined) return unlawful;
      const verified = admitCandidate(eligible, verifyContext(request.limits));
      if (!verified.ok) return notVerified(verified);
      const plan = planRestore(verified.value);
      const fault =
        checkSources(plan, (path) => sourceKind(source.value, path, fs)) ??
        checkTargets(plan, (path) => targetExists(target, path, fs));
      return fault ?? ok(plan);
    });
    if (!planned.ok) return refused(planned);
    const plan = planned.value;
    const failure =
      request.dryRun === true ? undefined : await carryOut(plan, source.value, target, request.signal, fs);
    if (failure !== undefined) return failure;
    return {
      ok: true,
      code: null,
      phase: request.dryRun === true ? "PLAN" : "VERIFY",
      cause_code: null,
      bundleRoot: plan.bundleRoot,
      signer: eligible.signer,
      trust,
      paths: plan.files.map((file) => file.path),
      bytes: plan.bytes,
    };
  } finally {
    source.value.close();
  }
}

/** Looking may fail too, as with a folder that is closed to us: nothing was written yet. */
function checked(plan: () => Result<RestorePlan, RestoreFault>): Result<RestorePlan, RestoreFault> {
  try {
    return plan();
  } catch (thrown) {
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return restoreFault("PREFLIGHT", "RESTORE_INTERNAL_ERROR", { reason });
  }
}

function sourceKind(source: AnchoredRoot, path: string, fs: FileSystem): SourceKind {
  const location = source.locate(path);
  if (location.kind !== "entry") return "missing";
  const stats = fs.lstatSync(location.dir.address(location.name), { throwIfNoEntry: false });
  if (stats === undefined) return "missing";
  return stats.isFile() ? "file" : "other";
}

async function carryOut(
  plan: RestorePlan,
  source: AnchoredRoot,
  target: Target,
  signal: AbortSignal | undefined,
  fs: FileSystem,
): Promise<RestoreFailure | undefined> {
  if (target.kind === "new") return restoreIntoNewRoot(plan, source, target, signal, fs);
  // A root that was moved away while it was held open would be filled where nobody looks for it.
  const arrive = (): RestoreFault | undefined =>
    stillLeadsTo(target.path, target.root.dir)
      ? undefined
      : restoreFault("VERIFY", "RESTORE_FINALIZE_FAILED");
  return execute({ plan, source, target: target.root, arrive, retreat: () => true, signal, fs });
}

async function restoreIntoNewRoot(
  plan: RestorePlan,
  source: AnchoredRoot,
  place: NewPlace,
  signal: AbortSignal | undefined,
  fs: FileSystem,
): Promise<RestoreFailure | undefined> {
  const root = new NewRoot(place, fs);
  const retreat = (): boolean => root.retreat();
  let target: AnchoredRoot;
  try {
    target = root.make();
  } catch (thrown) {
    const clean = retreat();
    const reason = machineReason(thrown);
    if (reason === undefined) throw thrown;
    return undone(restoreFault("EXECUTE", "RESTORE_INTERNAL_ERROR", { reason }), clean);
  }
  try {
    return await execute({ plan, source, target, arrive: () => root.arrive(), retreat, signal, fs });
  } finally {
    target.close();
  }
}
