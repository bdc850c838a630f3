/** What `verify` shows of one verdict. @module */

import {
  DIFFERENCE_CODES,
  type JudgedBundle,
  type SaidFailure,
  type TrustPolicy,
  treeBinding,
  type VerifiedBundle,
} from "../../../core/internal.ts";
// Not from the index: that would load all of Node's half for the command that is run most.
import { lookAtBundle } from "../../../node/history/look-at-run.ts";
import type { BundlePlace } from "../../../node/places/bundle-place.ts";
import type { SeenTree, TreeDemand } from "../../../node/source/tree-look.ts";
import { countUnsealed, type UnsealedFiles } from "../../../node/verify/unsealed-files.ts";
import type { VerifyReport } from "../../../node/verify/verify-bundle-files.ts";
import {
  answerTrust,
  policyOf,
  type TrustAnswer,
  type TrustChoice,
  UNDECIDED_TRUST,
} from "../../options/trust-options.ts";
import type { Io } from "../../output/io.ts";
import { type Report, withHints } from "../../output/report.ts";
import { elsewhereFacts } from "../../text/witness-words.ts";
import { carriedHints } from "../../verdict/carried-hints.ts";
import { renamedHints } from "../../verdict/renamed-text.ts";
import { saidFacts, saidWords } from "../../verdict/said-failure-text.ts";
import { folderHints, inStoreWords, storedHints } from "../../verdict/stored-text.ts";
import { type TreeAnswer, treeFacts, treeLine } from "../../verdict/tree-facts.ts";
import { unsignedHints } from "../../verdict/unsigned-text.ts";
import {
  differenceFacts,
  phaseOf,
  rejectedReport,
  signerFacts,
  soundReport,
} from "../../verdict/verdict-facts.ts";
import { bundleLines, failureLines, phaseLines, phasesLine } from "../../verdict/verify-text.ts";
import { amberOf, inHistory, type ProjectFacts, projectFacts, storeHints } from "./project-text.ts";
import type { ProjectVerdict } from "./project-verdict.ts";
import { unsealedFacts, unsealedRemarks } from "./unsealed-text.ts";
import type { VerifyOptions } from "./verify.ts";
import type { SeenVerdict } from "./verify-reports.ts";
import type { VerifyResult } from "./verify-results.ts";

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

/** The end of a verification, and what was seen if a bundle was opened. */
export interface VerifyEnd {
  readonly report: Report;
  readonly seen?: SeenVerdict | undefined;
  /** Of one bundle alone. */
  readonly verified?: VerifiedBundleFacts | undefined;
}

/** Whether each difference is to be found, not only the first: files that are written beside the answer list them. */
export function listsAll({ all, junit, report }: VerifyOptions): boolean {
  return all === true || junit !== undefined || report !== undefined;
}

/** Whether outputs below the root are not as they were sealed, which a later run may explain. */
export function mayHaveMoved({ judged, source, verdict }: VerifyReport): boolean {
  return !verdict.ok && DIFFERENCE_CODES.has(verdict.code) && source === "root" && judged !== undefined;
}

/** Failures that no phase found, so that there are no lines for phases. */
const WITHOUT_PHASE: ReadonlySet<string> = new Set(["EXPECTATION_FAILED", "BUNDLE_UNSUITABLE"]);

/** Shows a verdict, and what else is worth knowing of it. */
export function showVerdict(
  found: VerifyReport,
  asked: AskedVerdict,
  io: Io,
): VerifyEnd & { readonly seen: SeenVerdict } {
  const { failures, hasUnboundTree, judged, said, source, tree, verdict } = found;
  const { choice, demand, name, options, place, project = {} } = asked;
  const listed = options.all === true ? [...failures()] : [];
  const all = options.all === true ? { failures: listed.map(differenceFacts) } : {};
  const unsealed =
    place !== undefined && source === "root" && demand.exact !== true && judged !== undefined
      ? countBeside(place, judged, tree)
      : undefined;
  const remarks = unsealedRemarks(unsealed);
  const answer = { seen: tree, isUnbound: hasUnboundTree, demand };
  const isSeen = tree !== undefined || verdict.ok;
  const more = {
    source: source ?? null,
    ...all,
    unsealed: unsealedFacts(unsealed),
    tree: isSeen ? treeFacts(answer) : null,
    ...projectFacts(project, found),
  };
  const seenSoFar = {
    name,
    place,
    project,
    reported: found,
    choice,
    trust: undefined,
    tree: answer,
    unsealed,
  };
  if (verdict.ok) {
    const trust = answerTrust(choice, verdict.value, io.now());
    const seen = { ...seenSoFar, trust };
    const accepted = { ...acceptedReport(verdict.value, trust, answer, more, options, io), remarks };
    const report = inHistory(accepted, project);
    if (judged === undefined || !trust.ok) return { report, seen };
    const verified = { bundle: verdict.value, demand, judged, policy: policyOf(choice), source, tree, trust };
    return { report, seen, verified };
  }
  const amber = amberOf(project);
  const known: Partial<VerifyResult> = {
    ...knownOf(judged),
    ...more,
    run_failure: saidFacts(said),
    trust: UNDECIDED_TRUST,
  };
  const failed = (report: Report) => ({ report, seen: seenSoFar });
  if (WITHOUT_PHASE.has(verdict.code)) return failed(rejectedReport<VerifyResult>(verdict, known));
  const phase = phaseOf(verdict);
  // A carrier breaks its own form: nothing is said of a phase.
  const lines =
    phase === undefined && place === undefined
      ? ""
      : phaseLinesOf(phase, judged, { source, isAmber: amber !== undefined }, io);
  const text = lines + failureLines(listed);
  const shown = inStoreWords(verdict, source);
  const failure = amber !== undefined && "phase" in shown ? { ...shown, message: amber.sentence } : shown;
  const report = withSaid({ ...rejectedReport<VerifyResult>(failure, known, text), remarks }, said);
  const details = "phase" in verdict ? verdict.details : {};
  const hints =
    storedHints(source, verdict.code, details) ??
    carriedHints(source, verdict.code, details, true) ??
    renamedHints(details, place === undefined) ??
    unsignedHints(verdict.code, place?.bundle, io.cwd);
  const others = folderHints(source, verdict.code, options.files ?? place?.root) ?? report.error?.hints;
  const hinted = withHints(report, hints ?? storeHints(found, asked, others));
  return failed(inHistory(hinted, project));
}

/** Counts what was not sealed. Links and patterns of a tree that was not reached count too; undefined where it can't be read. */
function countBeside(
  { bundle, root }: BundlePlace,
  judged: JudgedBundle,
  seen: SeenTree | undefined,
): UnsealedFiles | undefined {
  if (treeBinding(judged) === undefined) return countUnsealed(root, judged, undefined);
  const tree = seen?.tree.ok === true ? seen.tree.value : lookAtBundle(bundle).tree;
  return tree && countUnsealed(root, judged, tree);
}

/** Of a carried run, the tree may fail before outputs are looked at. */
function phaseLinesOf(
  phase: ReturnType<typeof phaseOf>,
  judged: JudgedBundle | undefined,
  { isAmber, source }: Pick<VerifyReport, "source"> & { readonly isAmber: boolean },
  io: Io,
): string {
  const hasTree = judged !== undefined && treeBinding(judged) !== undefined;
  const skipped = phase === "tree" && source === undefined ? (["outputs", "acceptance"] as const) : [];
  return phaseLines(phase ?? "presence", hasTree, io.colour, skipped, isAmber);
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

function acceptedReport(
  bundle: VerifiedBundle,
  trust: TrustAnswer,
  tree: TreeAnswer,
  more: Pick<VerifyResult, "source" | "failures" | "unsealed" | "tree"> & ProjectFacts,
  { verbose }: AskedVerdict["options"],
  io: Io,
): Report {
  const { binding, bundleRoot, bytes, outputs, runId, signer } = bundle;
  const bound = binding !== undefined;
  const hasTree = bundle.tree !== undefined;
  const phases =
    verbose === true ? phaseLines(undefined, hasTree, io.colour) : phasesLine(hasTree, io.colour);
  return soundReport<VerifyResult>({
    signer,
    trust,
    known: {
      run_id: runId,
      bundle_root: bundleRoot,
      sealed_at: binding?.sealedAt ?? null,
      signed_elsewhere: elsewhereFacts(binding?.signedAt),
      time: trust.time ?? null,
      bound,
      files: outputs.length,
      bytes,
      ...more,
    },
    text: phases + bundleLines(bundle, trust, treeLine(tree)),
    colour: io.colour,
    sound: "the bundle is sound, but ",
  });
}
