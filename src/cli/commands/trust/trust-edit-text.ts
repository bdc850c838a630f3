/** Words for an edit of a trust file that failed. @module */

import type { TrustEditFault } from "../../../node/index.ts";
import type { Report } from "../../output/report.ts";
import { operationReport } from "../../text/operation-text.ts";
import { trustRequestReport } from "../../verdict/trust-text.ts";

/** The end of a command that could not edit a trust file, or that found none to edit. */
export function trustEditReport(fault: TrustEditFault): Report {
  return "details" in fault ? operationReport(fault) : trustRequestReport(fault);
}
