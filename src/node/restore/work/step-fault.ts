/**
 * The fault that takes the place of what was thrown in a step of a restore.
 *
 * @module
 */

import {
  type RestoreCode,
  type RestoreFault,
  type RestorePhase,
  restoreFault,
} from "../../../core/internal.ts";
import { publishCause } from "../../runtime/cause-channel.ts";
import { machineReason } from "../../runtime/machine-reason.ts";

/** Whatever was thrown, all is undone; a bug is told from a system error by having no reason. */
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
