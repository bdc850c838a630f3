/** How a command of the fleet fails where no run is to blame. @module */

import type { OperationFault, TrustFault, VerifyFailure } from "runseal";

/** The codes of the fleet's own failures. */
export type FleetCode =
  | "ALERT_SECRET_WRONG"
  | "ARGUMENT_WRONG"
  | "AUDIT_NOT_ENDED"
  | "AUDIT_NOT_FOUND"
  | "DATABASE_FAILED"
  | "LISTEN_FAILED"
  | "PARTS_AMBIGUOUS"
  | "PARTS_MISSING"
  | "PARTS_NOT_WRITTEN"
  | "PART_CHANGED"
  | "PART_NOT_ACCEPTED"
  | "POLICY_UNREADABLE"
  | "REPORT_NOT_WRITTEN"
  | "SCHEDULE_NOT_FOUND"
  | "SCHEMA_MISSING"
  | "SCHEMA_NEWER"
  | "SCHEMA_OLDER"
  | "TOKEN_NOT_FOUND";

/** A failure of the fleet's own. `message` is one line, and names nothing of the machine. */
export interface FleetFault {
  readonly ok: false;
  readonly code: FleetCode;
  readonly message: string;
}

/** Any failure of a command. */
export type CommandFault = FleetFault | OperationFault | TrustFault | VerifyFailure;

/** Makes a failure. */
export function fleetFault(code: FleetCode, message: string): FleetFault {
  return { ok: false, code, message };
}
