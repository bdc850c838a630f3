/** Words for an edit of a trust file that failed. @module */

import type { TrustEditFault } from "../../node/index.ts";
import type { Report } from "../report.ts";
import { operationReport } from "./operation-text.ts";
import { trustRequestReport } from "./trust-text.ts";

/** The end of a command that could not edit a trust file, or that found none to edit. */
export function trustEditReport(fault: TrustEditFault): Report {
  return "details" in fault ? operationReport(fault) : trustRequestReport(fault);
}
