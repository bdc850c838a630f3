/**
 * Holding the project around the last steps of a seal, and reporting what was finished of killed seals whatever comes of this one.
 *
 * @module
 */

import { type Fault, ok, type Result } from "../../../core/internal.ts";
import type { RecoveredSeal } from "../../records/project/finish-pending.ts";
import { type HeldProject, type HoldRequest, holdProject } from "../../records/project/held-project.ts";
import { Interruption } from "../../system/runtime/interruption.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { InterruptedSeal } from "./interrupted-seal.ts";

/** A seal that failed. */
export type SealFault = OperationFault & {
  /** What was finished of killed ones all the same; absent where the project was never held. */
  readonly recovered?: readonly RecoveredSeal[];
};

/** What was done in a project that was held, and PROJECT_LOCK_NOT_RELEASED where the lock could not be removed afterwards. */
export type Released<Done> = Done & { readonly unreleased: OperationFault | undefined };

/**
 * Holds the project, and seals. Fails as `holdProject` and the seal do. Recoveries of killed seals remain, and are reported. Throws an
 * InterruptedSeal once the project was held.
 */
export async function whileHeld<Done extends object, Failure extends Fault<string> = OperationFault>(
  request: HoldRequest,
  seal: (held: HeldProject) => Promise<Result<Done, Failure>>,
): Promise<Result<Released<Done>, SealFault | (Failure & Pick<SealFault, "recovered">)>> {
  const held = await holdProject(request);
  if (!held.ok) return held;
  const { recovered, release } = held.value;
  let sealed: Result<Done, Failure>;
  try {
    sealed = await seal(held.value);
  } catch (thrown) {
    release();
    throw thrown instanceof Interruption ? new InterruptedSeal(recovered, thrown) : thrown;
  }
  const unreleased = release();
  // The failure of a seal matters more than a lock that stays: the next seal takes the lock over.
  return sealed.ok ? ok({ ...sealed.value, unreleased }) : { ...sealed, recovered };
}
