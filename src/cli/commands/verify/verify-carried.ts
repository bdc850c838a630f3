/** `runseal verify` of runs that are carried in an archive or by a registry. @module */

import { quote } from "../../../core/internal.ts";
import type { ExpectedBundle } from "../../../node/judge/verify/expected-bundle.ts";
import { DeployedSource } from "../../../node/judge/verify/folder-source.ts";
import { reportOnRuns } from "../../../node/judge/verify/verify-bundle-files.ts";
import { chosenRuns, type OpenCarried, refuseProjectOptions } from "../../options/source-place.ts";
import { policyOf } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import type { ShownWork } from "../../progress/show-progress.ts";
import { withOrigin } from "../../verdict/carried-text.ts";
import { type AskedVerdict, showVerdict, type VerifyEnd } from "./verdict-report.ts";
import { listsAll, type VerifyOptions } from "./verify-options.ts";

/** What was asked of carried runs. */
export interface CarriedVerdict extends Omit<AskedVerdict, "name" | "place"> {
  readonly options: VerifyOptions;
  readonly expected: ExpectedBundle;
  readonly work: ShownWork;
}

/** Verifies each run by itself; accepts only if all of them are accepted. Throws usage errors. */
export async function verifyCarried(open: OpenCarried, asked: CarriedVerdict, io: Io): Promise<VerifyEnd> {
  const { choice, demand, expected, options, work } = asked;
  refuseProjectOptions(options, ["--project", "--stored"]);
  const opened = await open({ policy: policyOf(choice), registry: options });
  if (!opened.ok) return { report: operationReport(opened) };
  await using source = opened.value;
  const request = {
    ...expected,
    ...demand,
    runs: chosenRuns(options),
    untilFailure: !listsAll(options),
    ...work,
  };
  const { files: root, jobs } = options;
  await using deployed = root === undefined ? undefined : new DeployedSource(source, { jobs, root });
  const reports = await reportOnRuns(deployed ?? source, request);
  if (!reports.ok) return { report: operationReport(reports) };
  const shown = reports.value.map((report) => showVerdict(report, { ...asked, name: report.runId }, io));
  const [only] = shown;
  if (only !== undefined && shown.length === 1)
    return { ...only, report: withOrigin(only.report, source.origin) };
  refuseSeveral(options);
  const all = shown.map(({ report }, index) => ({ report, runId: reports.value[index]?.runId ?? "" }));
  const text = all.map(({ report, runId }) => `run ${quote(runId)}\n${report.text}`).join("\n");
  return { report: joined(all, text) };
}

/** Options about one run. */
function refuseSeveral({ expectId, expect, junit, report }: VerifyOptions): void {
  const isOfOne = expectId !== undefined || expect !== undefined;
  if (!isOfOne && junit === undefined && report === undefined) return;
  const asked = isOfOne ? "--expect-id and --expect are" : "a report is";
  throw new UsageError(`${asked} about one run; choose it with --run ID`);
}

/** The report on one run of several. */
export interface RunShown {
  readonly runId: string;
  readonly report: Report;
}

/** The reports of several runs as one: the first that is not accepted decides, else the last. */
export function joined(all: readonly RunShown[], text: string): Report {
  const end = all.find(({ report }) => report.error !== undefined) ?? all.at(-1);
  if (end === undefined) throw new TypeError("an archive has a run");
  const { report, runId } = end;
  const facts = { ...report.facts, runs: all.map((each) => ({ ...each.report.facts })) };
  const { error } = report;
  if (error === undefined) return { ...report, facts, text };
  return { ...report, facts, text, error: { ...error, message: `run ${quote(runId)}: ${error.message}` } };
}
