/** `runseal sign --time RUN --tsa URL`: adds the word of a timestamp authority to a bundle. @module */

import { countOf } from "../../../core/system/bytes/count-text.ts";
import { timestampBundle } from "../../../node/make/timestamp/timestamp-bundle.ts";
import { chooseAuthority } from "../../options/authority-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { rejectedReport } from "../../verdict/verdict-facts.ts";
import { timestampFacts, timestampLine, timestampRemarks } from "../timestamp/stamped-text.ts";
import type { SignOptions } from "./sign-options.ts";
import type { TimestampResult } from "./sign-results.ts";
import { placeOfSigned } from "./signed-place.ts";

/** Stamps one bundle. Its outputs are not looked at: what is stamped is its signature. Throws usage errors. */
export async function runTimestamp(text: string, options: SignOptions, io: Io): Promise<Report> {
  const chosen = chooseAuthority(options, options.trust, io);
  if (chosen === undefined) throw new TypeError("--time goes with --tsa");
  if ("report" in chosen) return chosen.report;
  const place = placeOfSigned(text, options, io);
  if (!place.ok) return operationReport(place);
  const { bundle } = place.value;
  const done = await timestampBundle({ bundle, ...chosen.demand, now: io.now(), signal: io.signal });
  if (!done.ok) return "phase" in done ? rejectedReport(done, {}) : operationReport(done);
  const { bundleRoot, runId, tokens } = done.value;
  return doneReport<Omit<TimestampResult, "act">>(
    "stamped",
    { run_id: runId, bundle_root: bundleRoot, ...timestampFacts(done.value) },
    `${timestampLine(done.value)}hash     ${bundleRoot}\nbundle   ${countOf(tokens, "timestamp")} now\n`,
    { remarks: timestampRemarks(done.value) },
  );
}
