/** What `verify` shows of one verdict. @module */

import {
  isDifference,
  isUndecided,
  type JudgedBundle,
  type PhasesEnd,
  type Rejection,
  type SaidFailure,
  type SaidVerdict,
  type SeenTree,
  saidDifferences,
  saidVerdict,
  saidWords,
  type TreeDemand,
  type TrustPolicy,
  treeBinding,
  type Undecided,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import { inspectBundle } from "../../../node/judge/history/inspect-run.ts";
import { countUnsealed, type UnsealedFiles } from "../../../node/judge/verify/unsealed-files.ts";
import type { VerifyReport } from "../../../node/judge/verify/verify-bundle-files.ts";
import type { BundlePlace } from "../../../node/library/places/bundle-place.ts";
import {
  answerTrust,
  policyOf,
  type TrustAnswer,
  type TrustChoice,
  UNDECIDED_TRUST,
} from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import { note, type Report, withHints } from "../../output/report.ts";
import { elsewhereFacts } from "../../text/witness-words.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { renamedHints } from "../../verdict/renamed-text.ts";
import { droppedHints, folderHints, inStoreWords, storedHints } from "../../verdict/stored-text.ts";
import { type TreeAnswer, treeAnswerWords, treeFacts } from "../../verdict/tree-facts.ts";
import { unsealedWords } from "../../verdict/unsealed-text.ts";
import { unsignedHints } from "../../verdict/unsigned-text.ts";
import { phaseOf, rejectedReport, saidFacts, signerFacts, soundReport } from "../../verdict/verdict-facts.ts";
import {
  bundleLines,
  differenceLines,
  failureMessage,
  phaseLines,
  phasesLine,
} from "../../verdict/verify-text.ts";
import { inHistory, movedOf, projectFacts, storeHints } from "./project-text.ts";
import type { ProjectVerdict } from "./project-verdict.ts";
import type { VerifyOptions } from "./verify-options.ts";
import type { VerifyFailureFacts, VerifyResult } from "./verify-results.ts";

/** What was asked. */
export interface AskedVerdict {
  readonly choice: TrustChoice;
  readonly demand: TreeDemand;
  readonly options: Pick<VerifyOptions, "all" | "files" | "verbose">;
  /** The name of the run directory, or of the run in what carries it. */
  readonly name: string;
  /** Where the run and its folder are, if they are on this machine. */
  readonly place?: BundlePlace | undefined;
  readonly project?: ProjectVerdict | undefined;
}

/** An accepted bundle of a trusted signer, and by what it was judged. */
export interface VerifiedBundleFacts extends Pick<VerifyReport, "source" | "tree"> {
  readonly bundle: VerifiedBundle;
  readonly judged: JudgedBundle;
  readonly demand: TreeDemand;
  /** Undefined with --any-signer. */
  readonly policy: TrustPolicy | undefined;
  readonly trust: TrustAnswer;
}

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
  /** Undefined where no phase ran to an end. */
  readonly end: PhasesEnd | undefined;
  readonly verdict: SaidVerdict;
}

/** The end of a verification, and what was seen if a bundle was opened. */
export interface VerifyEnd {
  readonly report: Report;
  readonly seen?: SeenVerdict | undefined;
  /** Of one bundle alone. */
  readonly verified?: VerifiedBundleFacts | undefined;
}

/** Failures that no phase found, so that there are no lines for phases. */
const WITHOUT_PHASE: ReadonlySet<string> = new Set(["EXPECTATION_FAILED", "BUNDLE_UNSUITABLE"]);

/** A difference in an output or an entry, for a program: all of its details. */
function differenceFacts(failure: Rejection | Undecided): readonly VerifyFailureFacts[] {
  return isDifference(failure) || isUndecided(failure) ? [{ code: failure.code, ...failure.details }] : [];
}

/** Shows a verdict, and what else is worth knowing of it. */
export function showVerdict(
  found: VerifyReport,
  asked: AskedVerdict,
  io: Io,
): VerifyEnd & { readonly seen: SeenVerdict } {
  const { failures, hasUnboundTree, judged, said, source, tree, verdict } = found;
  const { choice, demand, name, options, place, project = {} } = asked;
  const all = options.all === true ? { failures: [...failures()].flatMap(differenceFacts) } : {};
  const unsealed =
    place !== undefined && source === "root" && demand.exact !== true && judged !== undefined
      ? countBeside(place, judged, tree, verdict.ok)
      : undefined;
  const words = unsealedWords(unsealed);
  const remarks = words === undefined ? [] : [note(words)];
  const answer = { seen: tree, isUnbound: hasUnboundTree, demand };
  const trust = verdict.ok ? answerTrust(choice, verdict.value, io.now()) : undefined;
  const end = phasesEnd(found, project);
  const spoken = spokenVerdict(found, project, trust);
  const seen = {
    name,
    place,
    project,
    reported: found,
    choice,
    trust,
    tree: answer,
    unsealed,
    end,
    verdict: spoken,
  };
  const more = {
    source: source ?? null,
    ...all,
    unsealed:
      unsealed === undefined
        ? null
        : { files: unsealed.files, below: unsealed.below, complete: unsealed.isComplete },
    tree: tree !== undefined || verdict.ok ? treeFacts(answer) : null,
    ...projectFacts(project, found),
  };
  if (verdict.ok && trust !== undefined) {
    const bundle = verdict.value;
    const { binding } = bundle;
    const hasTree = bundle.tree !== undefined;
    const passed =
      options.verbose === true
        ? phaseLines({ failedAt: undefined, hasTree }, io.colour)
        : phasesLine(hasTree, io.colour);
    const accepted = soundReport<VerifyResult>({
      signer: bundle.signer,
      trust,
      known: {
        run_id: bundle.runId,
        bundle_root: bundle.bundleRoot,
        sealed_at: binding?.sealedAt ?? null,
        signed_elsewhere: elsewhereFacts(binding?.signedAt),
        time: trust.time ?? null,
        bound: binding !== undefined,
        files: bundle.outputs.length,
        bytes: bundle.bytes,
        ...more,
      },
      text: passed + bundleLines(bundle, trust, { tree: treeAnswerWords(answer) }),
      colour: io.colour,
    });
    const report = inHistory({ ...accepted, remarks }, project);
    if (judged === undefined || !trust.ok) return { report, seen };
    const verified = { bundle, demand, judged, policy: policyOf(choice), source, tree, trust };
    return { report, seen, verified };
  }
  if (verdict.ok) throw new TypeError("an accepted bundle has a decision about its signer");
  const known: Partial<VerifyResult> = {
    ...knownOf(judged),
    ...more,
    run_failure: saidFacts(said),
    trust: UNDECIDED_TRUST,
  };
  if (WITHOUT_PHASE.has(verdict.code)) return { report: rejectedReport<VerifyResult>(verdict, known), seen };
  // A carrier breaks its own form: nothing is said of a phase.
  const phases =
    end !== undefined || place !== undefined
      ? phaseLines(end ?? { failedAt: "presence", hasTree: hasTreeOf(judged) }, io.colour)
      : "";
  const listed = options.all === true ? saidDifferences(failures(), Number.POSITIVE_INFINITY).listed : [];
  const failure = "phase" in verdict ? { ...verdict, message: spoken.sentence } : verdict;
  const rejected = rejectedReport<VerifyResult>(failure, known, phases + differenceLines(listed));
  const report = { ...withSaid(rejected, said), remarks };
  const details = "phase" in verdict ? verdict.details : {};
  const hints =
    droppedHints(verdict.code, place) ??
    storedHints(source, verdict.code, details) ??
    carriedHints(source, verdict.code, details, true) ??
    renamedHints(details, place === undefined) ??
    unsignedHints(verdict.code, place?.bundle, io.cwd);
  const others = folderHints(source, verdict.code, options.files ?? place?.root) ?? report.error?.hints;
  const hinted = withHints(report, hints ?? storeHints(found, { name, place, project }, others));
  return { report: inHistory(hinted, project), seen };
}

function hasTreeOf(judged: JudgedBundle | undefined): boolean {
  return judged !== undefined && treeBinding(judged) !== undefined;
}

/** How far the phases came; undefined where an unexpected bundle, an impossible demand or a fault ended the verification between them. */
function phasesEnd(
  { judged, source, verdict }: VerifyReport,
  project: ProjectVerdict,
): PhasesEnd | undefined {
  const failedAt = verdict.ok ? undefined : phaseOf(verdict);
  if (!verdict.ok && failedAt === undefined) return undefined;
  // Of a carried run, the tree may fail before outputs are looked at.
  const skipped = failedAt === "tree" && source === undefined ? (["outputs", "acceptance"] as const) : [];
  return { failedAt, hasTree: hasTreeOf(judged), skipped, isExplained: movedOf(project) !== undefined };
}

/** The verdict in words. */
function spokenVerdict(
  { source, verdict }: VerifyReport,
  project: ProjectVerdict,
  trust: TrustAnswer | undefined,
): SaidVerdict {
  const failed = verdict.ok ? project.fault : inStoreWords(verdict, source);
  const failure = failed && {
    code: failed.code,
    message: failureMessage(failed),
    isUndecided:
      verdict.ok ||
      phaseOf(failed) === undefined ||
      failed.code === "READ_FAILED" ||
      failed.code === "CHANGED_WHILE_READ",
  };
  const [fault] = project.history?.faults ?? [];
  return saidVerdict({ failure, isStored: source === "store", trust, moved: movedOf(project), fault });
}

/** Counts what was not sealed. Links and patterns of a tree that was not reached count too; undefined where it can't be read. */
function countBeside(
  { bundle, root }: BundlePlace,
  judged: JudgedBundle,
  seen: SeenTree | undefined,
  isAsSealed: boolean,
): UnsealedFiles | undefined {
  if (treeBinding(judged) === undefined) return countUnsealed(root, judged, undefined, isAsSealed);
  const tree = seen?.tree.ok === true ? seen.tree.value : inspectBundle(bundle).tree;
  return tree && countUnsealed(root, judged, tree, isAsSealed);
}

/** The run's own words, behind the verdict on it. */
function withSaid(report: Report, said: SaidFailure | undefined): Report {
  const { error } = report;
  if (said === undefined || error === undefined) return report;
  return { ...report, error: { ...error, list: [saidWords(said)] } };
}

/** What is known of a rejected bundle: what the signature says once it held, else nothing. */
function knownOf(judged: JudgedBundle | undefined): Partial<VerifyResult> {
  return {
    run_id: null,
    bundle_root: judged?.bundleRoot ?? null,
    sealed_at: null,
    signed_elsewhere: null,
    time: null,
    bound: null,
    files: judged?.claims.length ?? null,
    bytes: null,
    signer: judged === undefined ? null : signerFacts(judged.signer),
  };
}
