/** `--junit` and `--report` of a verification. Loaded only if one of them is given. @module */

import {
  formatUtcSecond,
  makeListing,
  type Rejection,
  treeBinding,
  type Undecided,
} from "../../../core/internal.ts";
import type { BundlePlace } from "../../../node/places/bundle-place.ts";
import type { UnsealedFiles } from "../../../node/verify/unsealed-files.ts";
import type { VerifyReport } from "../../../node/verify/verify-bundle-files.ts";
import { type FileSize, summarizeFiles } from "../../html/file-summary.ts";
import type { Differences, PageFacts } from "../../html/page-facts.ts";
import { encodeVerdictPage } from "../../html/verdict-page.ts";
import { encodeJunit } from "../../junit/junit.ts";
import { verifySuites } from "../../junit/verify-cases.ts";
import {
  type TrustAnswer,
  type TrustChoice,
  type TrustOptions,
  trustArguments,
} from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { saidWords } from "../../verdict/said-failure-text.ts";
import { type TreeAnswer, treeLine } from "../../verdict/tree-facts.ts";
import { phaseOf } from "../../verdict/verdict-facts.ts";
import { pictureLine } from "./line-of-runs.ts";
import { amberOf, brokenOf } from "./project-text.ts";
import type { ProjectVerdict } from "./project-verdict.ts";
import { type ReportPlace, withoutReportFiles, withReportFiles } from "./report-places.ts";

/** A verification that came to an end; undefined members where it did not come so far. */
export interface SeenVerdict {
  readonly name: string;
  /** Where the run and its folder are, if they are on this machine. */
  readonly place: BundlePlace | undefined;
  readonly project: ProjectVerdict;
  readonly reported: VerifyReport;
  readonly choice: TrustChoice;
  readonly trust: TrustAnswer | undefined;
  readonly tree: TreeAnswer;
  readonly unsealed: UnsealedFiles | undefined;
}

/** Differences that a page lists. */
const MAX_DIFFERENCES = 200;

/** Writes the files of a verification, whatever its end. Without a bundle, only JUnit has something to say. */
export function writeReports(
  report: Report,
  seen: SeenVerdict | undefined,
  { options, places }: { readonly options: TrustOptions; readonly places: readonly ReportPlace[] },
  io: Io,
): Report {
  const at = formatUtcSecond(io.now());
  const files: { place: ReportPlace; text: string }[] = [];
  for (const place of places) {
    if (place.member === "junit") files.push({ place, text: junitOf(report, seen, at) });
    else if (seen !== undefined)
      files.push({ place, text: encodeVerdictPage(pageFacts(report, seen, { at, options }, io)) });
  }
  // There is no page about a bundle that was not found.
  const missing = places.filter((place) => !files.some((file) => file.place === place));
  return withReportFiles(withoutReportFiles(report, missing), files);
}

function junitOf(report: Report, seen: SeenVerdict | undefined, at: string): string {
  const suites = verifySuites({ report, ...phasesOf(seen), failures: seen?.reported.failures() ?? [] });
  return encodeJunit(suites, at);
}

/** How far the phases came. An unexpected bundle and an impossible demand end a verification between them. */
function phasesOf(seen: SeenVerdict | undefined): Pick<PageFacts, "failedAt" | "hasTree" | "isJudged"> {
  if (seen === undefined) return { failedAt: undefined, hasTree: false, isJudged: false };
  const { judged, verdict } = seen.reported;
  const failedAt = verdict.ok ? undefined : phaseOf(verdict);
  const hasTree = judged !== undefined && treeBinding(judged) !== undefined;
  return { failedAt, hasTree, isJudged: verdict.ok || failedAt !== undefined };
}

function pageFacts(
  report: Report,
  seen: SeenVerdict,
  { at, options }: { readonly at: string; readonly options: TrustOptions },
  io: Io,
): PageFacts {
  const { project, reported, tree, trust, unsealed } = seen;
  const { judged, said, source, verdict } = reported;
  return {
    report,
    name: seen.name,
    judged,
    verified: verdict.ok ? verdict.value : undefined,
    signer: judged?.signer,
    trust,
    ...phasesOf(seen),
    tree: treeLine(tree)
      .replace(/^tree +/, "")
      .trimEnd(),
    said: said === undefined ? undefined : saidWords(said),
    source,
    differences: differencesOf(reported.failures()),
    unsealed,
    files: filesOf(reported),
    line: pictureLine(seen, io),
    amber: verdict.ok && trust?.ok === true ? brokenOf(project) : amberOf(project),
    trustOptions: trustArguments(options),
    at,
  };
}

function differencesOf(failures: Iterable<Rejection | Undecided>): Differences {
  const listed: (Rejection | Undecided)[] = [];
  let more = 0;
  for (const failure of failures) {
    if (listed.length < MAX_DIFFERENCES) listed.push(failure);
    else more++;
  }
  return { listed, more };
}

/** The files with the sizes that were found, in the order of the document. */
function filesOf({ findings, judged }: VerifyReport): PageFacts["files"] {
  if (judged === undefined || findings === undefined) return undefined;
  const { claims } = judged;
  const files = makeListing(claims.length, (index): FileSize => {
    const finding = findings.at(index);
    return {
      path: claims.at(index)?.path ?? "",
      bytes: finding?.kind === "file" ? finding.bytes : undefined,
    };
  });
  return summarizeFiles(files);
}
