/** The fault for what was thrown in a step of a transaction. @module */

import {
  type RestoreCode,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
} from "../../../../core/internal.ts";
import { publishCause } from "../../../system/runtime/cause-channel.ts";
import { machineReason } from "../../../system/runtime/machine-reason.ts";

/** The fault for what was thrown in a step of a restore. A bug, which has no reason, becomes RESTORE_INTERNAL_ERROR. */
export function faultOf(
  thrown: unknown,
  phase: RestorePhase,
  code: RestoreCode,
  path?: string,
): RestoreFault {
  const where = path === undefined ? {} : { path };
  const reason = machineReason(thrown);
  if (reason !== undefined) return restoreFault(phase, code, { ...where, reason });
  publishCause(thrown);
  return restoreFault(phase, "RESTORE_INTERNAL_ERROR", where);
}
