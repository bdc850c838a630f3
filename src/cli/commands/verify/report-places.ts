/** The files that a verification writes beside its answer: where they go, and that each name is free, or an older report has it. @module */

import { resolve } from "node:path";
import { type MachineReason, ok, type Result } from "../../../core/internal.ts";
import { placeOrReplace, refuseOthersName, removeOwnFile } from "../../../node/system/files/placed-file.ts";
import { type OperationFault, operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { UsageError } from "../../options/usage-error.ts";
import { withLateFault } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";

/** The options as parsed. */
export interface ReportOptions {
  readonly junit?: string | undefined;
  readonly report?: string | undefined;
}

/** A file to write, as the user named it. */
export interface ReportPlace {
  /** The member of the JSON that names it. */
  readonly member: "junit" | "report";
  readonly shown: string;
  readonly address: string;
}

/** What is to be written there. */
export interface ReportFileContent {
  readonly place: ReportPlace;
  readonly text: string;
}

/** Finds the places before anything is verified. Fails with FILE_EXISTS or WRITE_FAILED. Throws usage errors. */
export function reportPlaces(
  { junit, report }: ReportOptions,
  io: Io,
): Result<readonly ReportPlace[], OperationFault> {
  const named = [
    ["junit", junit],
    ["report", report],
  ] as const;
  if (named.some(([, shown]) => shown === "-"))
    throw new UsageError("stdout has the answer: name a file for the report (./- for one that is called -)");
  const places = named.flatMap(([member, shown]) =>
    shown === undefined ? [] : [{ member, shown, address: resolve(io.cwd, shown) }],
  );
  if (places.length === 2 && places[0]?.address === places[1]?.address)
    throw new UsageError("--junit and --report name the same file; give two");
  for (const { address, shown } of places) {
    const fault = faultOf(shown, refuseOthersName(address));
    if (fault !== undefined) return fault;
  }
  return ok(places);
}

/** Writes the files in order. The verdict stands whatever comes of them; the report of a success fails with the first fault. */
export function withReportFiles(report: Report, files: readonly ReportFileContent[]): Report {
  let ended = report;
  for (const { place, text } of files) {
    const fault = faultOf(place.shown, placeOrReplace(place.address, Buffer.from(text)));
    const isWritten = fault === undefined;
    const facts = { ...ended.facts, [place.member]: isWritten ? place.shown : null };
    const line = isWritten ? `report   ${shellWord(place.shown)}\n` : "";
    ended = withLateFault({ ...ended, facts, text: ended.text + line }, fault);
  }
  return ended;
}

/** Removes older reports where no new one is written: they would pass for the verdict of this call. */
export function withoutReportFiles(report: Report, places: readonly ReportPlace[]): Report {
  let ended = report;
  for (const { address, member, shown } of places) {
    const facts = { ...ended.facts, [member]: null };
    ended = withLateFault({ ...ended, facts }, faultOf(shown, removeOwnFile(address)));
  }
  return ended;
}

function faultOf(path: string, reason: MachineReason | undefined): OperationFault | undefined {
  if (reason === undefined) return undefined;
  return reason === "already-there"
    ? operationFault("FILE_EXISTS", { reason: "report", path })
    : operationFault("WRITE_FAILED", { path, reason });
}
