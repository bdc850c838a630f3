/** `runseal key rm NAME`: remove a key for good. @module */

import { quoteIfNeeded } from "../../../core/internal.ts";
import { removeOwnKey } from "../../../node/index.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";

/** Removes the private key and its public file. The trust line stays. */
export async function runKeyRemove(name: string, io: Io): Promise<Report> {
  const removed = await removeOwnKey(io.environment, name, io.signal);
  if (!removed.ok) return operationReport(removed);
  return {
    facts: { ok: true, code: "OK", message: "removed", details: {}, name, exit_code: 0 },
    text: `removed the key ${quoteIfNeeded(name)}\n`,
    remarks: [
      {
        kind: "note",
        message: "your trust file still trusts what the key sealed",
        hints: [`if the key may have been stolen: runseal trust revoke ${shellWord(name)}`],
      },
    ],
  };
}
