/** `runseal status --accept-history`: the history that is here becomes the one that this machine remembers. @module */

import { judgeHistory } from "../../../node/history/verify-history.ts";
import { operationFault } from "../../../node/index.ts";
import { acceptHead } from "../../../node/project/accept-head.ts";
import { askConsent } from "../../../node/sign/ask-consent.ts";
import type { TrustChoice } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Remark, Report } from "../../output/report.ts";
import { runName } from "../../text/run-name.ts";
import { findingWords, lineFaults } from "../../verdict/finding-text.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";

/** The options as parsed. */
export interface AcceptOptions {
  readonly acceptHistory?: true | undefined;
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}

/** Asks, and remembers the head. Gives what it did, or the end of the command. Throws usage errors. */
export async function acceptHistory(
  root: string,
  { json, yes }: AcceptOptions,
  choice: TrustChoice,
  { environment, now, signal }: Io,
): Promise<Remark | Report> {
  const read = await judgeHistory({ root, environment, signal });
  if (!read.ok) return "phase" in read ? rejectedReport(read, {}) : operationReport(read);
  const { head, remembered } = read.value.heads;
  const faults = lineFaults(read.value.history, choice, now());
  const other = faults.find(({ code }) => code !== "HISTORY_TRUNCATED");
  if (other !== undefined)
    throw new UsageError(
      `${findingWords(other)}\nonly a history that is whole otherwise can be accepted; runseal verify --history lists what does not fit`,
    );
  if (typeof head === "string" || remembered === undefined || faults.length === 0)
    return { kind: "note", message: "nothing is to be accepted: this machine remembers no other history" };
  const [here, gone] = [runName(head.runId), runName(remembered.runId)];
  const shown = `${gone}, which this machine saw sealed here, is not in the history that ends with ${here}\n`;
  if (yes !== true) {
    const question = `Forget ${gone}, and remember ${here} instead? yes or no: `;
    const answer = json === true ? "no-terminal" : await askConsent(shown, question, signal);
    if (answer === "no-terminal")
      throw new UsageError(
        `${shown}nothing was changed: runseal status --accept-history --yes accepts it without asking`,
      );
    if (answer === "no") return operationReport(operationFault("DECLINED"));
  }
  const fault = await acceptHead(root, head, environment, signal);
  if (fault !== undefined) return operationReport(fault);
  return { kind: "note", message: `this machine remembers ${here} now, and ${gone} no more` };
}
