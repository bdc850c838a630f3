/** The timestamp of a bundle that was sealed just now. Whatever comes of it, the bundle stands. @module */

import { type TimestampedBundle, timestampBundle } from "../../../node/make/timestamp/timestamp-bundle.ts";
import { Interruption } from "../../../node/system/runtime/interruption.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import type { StampDemand } from "../../options/authority-options.ts";
import { withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { timestampFacts, timestampLine, timestampRemarks } from "./stamped-text.ts";

/** What came of asking the authority; undefined where none was to be asked. */
export type StampEnd =
  | { readonly ok: true; readonly value: TimestampedBundle }
  | { readonly ok: false; readonly fault: OperationFault }
  | undefined;

/** Stamps a bundle that was sealed just now. */
export async function stampSeal(bundle: string, demand: StampDemand | undefined, io: Io): Promise<StampEnd> {
  if (demand === undefined) return undefined;
  try {
    const done = await timestampBundle({ bundle, ...demand, now: io.now(), signal: io.signal });
    if (done.ok) return done;
    // It was sound when it was sealed.
    return {
      ok: false,
      fault: "phase" in done ? operationFault("CHANGED_WHILE_READ", { path: bundle }) : done,
    };
  } catch (thrown) {
    if (!(thrown instanceof Interruption)) throw thrown;
    // Not INTERRUPTED, which says that nothing was done.
    return {
      ok: false,
      fault: operationFault("TSA_UNREACHABLE", { reason: "interrupted", url: demand.authority.shown }),
    };
  }
}

/** The report of a seal with what came of its timestamp. */
export function withStamp(report: Report, end: StampEnd): Report {
  const { exit_code, ...facts } = report.facts;
  const timestamp = end?.ok === true ? timestampFacts(end.value) : null;
  const stamped = { ...report, facts: { ...facts, timestamp, exit_code } };
  if (end?.ok !== true) return withLateFault(stamped, end?.fault);
  return {
    ...stamped,
    text: report.text + timestampLine(end.value),
    remarks: [...(report.remarks ?? []), ...timestampRemarks(end.value)],
  };
}
