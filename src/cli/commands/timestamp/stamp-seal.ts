/** The timestamp of a bundle that was sealed just now. Whatever comes of it, the bundle stands. @module */

import type { Result } from "../../../core/internal.ts";
import { type TimestampedBundle, timestampBundle } from "../../../node/make/timestamp/timestamp-bundle.ts";
import { Interruption } from "../../../node/system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import type { StampDemand } from "../../options/authority-options.ts";
import { withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withRemarks } from "../../output/report.ts";
import { timestampFacts, timestampLine, timestampRemarks } from "./stamped-text.ts";

/** Has a bundle stamped that was sealed just now, if an authority is to be asked, and adds what came of it to the report of the seal. */
export async function withStamp(
  report: Report,
  bundle: string,
  demand: StampDemand | undefined,
  io: Io,
): Promise<Report> {
  const end = demand && (await stampSeal(bundle, demand, io));
  const { exit_code, ...facts } = report.facts;
  const timestamp = end?.ok === true ? timestampFacts(end.value) : null;
  const stamped = { ...report, facts: { ...facts, timestamp, exit_code } };
  if (end?.ok !== true) return withLateFault(stamped, end);
  const text = report.text + timestampLine(end.value);
  return withRemarks({ ...stamped, text }, ...timestampRemarks(end.value));
}

async function stampSeal(
  bundle: string,
  demand: StampDemand,
  io: Io,
): Promise<Result<TimestampedBundle, OperationFault>> {
  try {
    const done = await timestampBundle({ bundle, ...demand, now: io.now(), signal: io.signal });
    // It was sound when it was sealed.
    return !done.ok && "phase" in done ? operationFault("CHANGED_WHILE_READ", { path: bundle }) : done;
  } catch (thrown) {
    if (!(thrown instanceof Interruption)) throw thrown;
    // Not INTERRUPTED, which says that nothing was done.
    return operationFault("TSA_UNREACHABLE", { reason: "interrupted", url: demand.authority.shown });
  }
}
