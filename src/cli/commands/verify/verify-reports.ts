/** `--junit` and `--report` of a verification. Loaded only if one of them is given. @module */

import {
  formatUtcSecond,
  knownFacts,
  makeListing,
  type SaidFact,
  saidDifferences,
  saidPhases,
} from "../../../core/internal.ts";
import type { VerifyReport } from "../../../node/judge/verify/verify-bundle-files.ts";
import { type FileSize, summarizeFiles } from "../../html/file-summary.ts";
import type { PageFacts } from "../../html/page-facts.ts";
import { encodeVerdictPage } from "../../html/verdict-page.ts";
import { chainSuites } from "../../junit/chain-cases.ts";
import { encodeJunit } from "../../junit/junit.ts";
import { verifySuites } from "../../junit/verify-cases.ts";
import { type TrustAnswer, type TrustOptions, trustArguments } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { commandWords } from "../../text/command-words.ts";
import { recordedCommand } from "../../text/recorded-command.ts";
import { shellWord } from "../../text/shell-word.ts";
import { sourceWords } from "../../verdict/stored-text.ts";
import { treeAnswerWords } from "../../verdict/tree-facts.ts";
import { unsealedWords } from "../../verdict/unsealed-text.ts";
import { historyPart } from "./history-part.ts";
import { type ReportPlace, reportPlaces, withoutReportFiles, withReportFiles } from "./report-places.ts";
import type { SeenVerdict } from "./verdict-report.ts";

/** Differences that a page lists. */
const MAX_DIFFERENCES = 200;

/** How much of a command a page shows. */
const MAX_COMMAND_CHARACTERS = 2000;

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
      files.push({ place, text: encodeVerdictPage({ ...pageFacts(report, seen, options, io), at }) });
  }
  // There is no page about a bundle that was not found.
  const missing = places.filter((place) => !files.some((file) => file.place === place));
  return withReportFiles(withoutReportFiles(report, missing), files);
}

function junitOf(report: Report, seen: SeenVerdict | undefined, at: string): string {
  const phases = seen?.end === undefined ? [] : saidPhases(seen.end);
  return encodeJunit(verifySuites({ report, phases, failures: seen?.reported.failures() ?? [] }), at);
}

function pageFacts(report: Report, seen: SeenVerdict, options: TrustOptions, io: Io): Omit<PageFacts, "at"> {
  const { end, name, reported, trust, unsealed, verdict } = seen;
  const { judged, source } = reported;
  return {
    verdict,
    hints: report.error?.hints ?? [],
    name,
    facts: factsOf(seen),
    phases: end === undefined ? [] : [...saidPhases(end), signerPhase(trust)],
    differences: source && saidDifferences(reported.failures(), MAX_DIFFERENCES),
    unsealed: unsealedWords(unsealed),
    files: filesOf(reported),
    history: historyPart(seen, io),
    command: judged && verifyCommand(seen, judged.bundleRoot, options),
  };
}

function factsOf({ name, reported, tree, trust }: SeenVerdict): readonly SaidFact[] {
  const { judged, said, source, verdict } = reported;
  if (judged === undefined) return [];
  const verified = verdict.ok ? verdict.value : undefined;
  const command = recordedCommand(verified?.taskSpec);
  const noTime = {
    name: "Time",
    parts: [{ style: "plain", text: "no timestamp: the times are claims" }],
  } as const;
  const isTimed = verified === undefined || trust?.time !== undefined;
  const known = knownFacts({
    runId: verified?.runId ?? name,
    bundleRoot: judged.bundleRoot,
    signer: judged.signer,
    files: judged.claims.length,
    verified,
    place: source === undefined || source === "root" ? undefined : `in ${sourceWords(source)}`,
    tree: treeAnswerWords(tree),
    command: command && commandWords(command, MAX_COMMAND_CHARACTERS),
    trust,
    said,
  });
  return isTimed ? known : [...known, noTime];
}

/** What the policy says of a signer, as the last of the phases. */
function signerPhase(trust: TrustAnswer | undefined): PageFacts["phases"][number] {
  const phase = { name: "signer", words: "Whether the trust policy trusts the key that signed" };
  if (trust === undefined) return { ...phase, tone: "plain", state: "not reached" };
  if (trust.code === "OK") return { ...phase, tone: "good", state: "ok" };
  return { ...phase, tone: "amber", state: trust.ok ? "not judged" : "not trusted" };
}

/** What a reader types. Where the archive or repository of the reader is, the page does not know. */
function verifyCommand(
  { name, reported: { source } }: SeenVerdict,
  root: string,
  options: TrustOptions,
): string {
  const run = shellWord(name);
  const named = source === "archive" ? `ARCHIVE --run ${run}` : source === "registry" ? "REFERENCE" : run;
  const words = trustArguments(options).map((word) => (word.startsWith("--") ? word : shellWord(word)));
  return ["runseal verify", named, "--expect", root, ...words].join(" ");
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

/** Verifies, and writes the file whatever the end. Nothing is verified where its name is taken. Throws usage errors. */
export async function withHistoryJunit(
  junit: string,
  io: Io,
  verify: () => Promise<Report>,
): Promise<Report> {
  const places = reportPlaces({ junit }, io);
  if (!places.ok) return operationReport(places);
  const report = await verify();
  const text = encodeJunit(chainSuites(report), formatUtcSecond(io.now()));
  return withReportFiles(
    report,
    places.value.map((place) => ({ place, text })),
  );
}
