/** `runseal status --accept-history`: the history that is here becomes the one that this machine remembers. @module */

import { runName } from "../../../core/system/paths/run-name.ts";
import { judgeHistory } from "../../../node/judge/history/verify-history.ts";
import { acceptHead } from "../../../node/records/project/accept-head.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { type ConsentOptions, confirmed } from "../../options/confirmed.ts";
import type { TrustChoice } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { note, type Remark, type Report } from "../../output/report.ts";
import { faultsOfHistory } from "../../verdict/finding-text.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";

/** Asks, and remembers the head. Gives what it did, or the end of the command. Throws usage errors. */
export async function acceptHistory(
  root: string,
  options: ConsentOptions,
  choice: TrustChoice,
  io: Io,
): Promise<Remark | Report> {
  const { environment, now, signal } = io;
  const read = await judgeHistory({ root, environment, signal });
  if (!read.ok) return "phase" in read ? rejectedReport(read, {}) : operationReport(read);
  const { head, remembered } = read.value.heads;
  const faults = faultsOfHistory(read.value.history, choice, now());
  const other = faults.find(({ code }) => code !== "HISTORY_TRUNCATED");
  if (other !== undefined)
    throw new UsageError(
      `${other.words}\nonly a history that is whole otherwise can be accepted; runseal verify --history lists what does not fit`,
    );
  if (typeof head === "string" || remembered === undefined || faults.length === 0)
    return note("nothing is to be accepted: this machine remembers no other history");
  const [here, gone] = [runName(head.runId), runName(remembered.runId)];
  const shown = `${gone}, which this machine saw sealed here, is not in the history that ends with ${here}\n`;
  if (!(await confirmed(shown, `Forget ${gone}, and remember ${here} instead?`, options, io)))
    return operationReport(operationFault("DECLINED"));
  const fault = await acceptHead(root, head, environment, signal);
  if (fault !== undefined) return operationReport(fault);
  return note(`this machine remembers ${here} now, and ${gone} no more`);
}
