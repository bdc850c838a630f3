/** The reports on a chain: a list of bundles, or a project's history. @module */

import { type HistoryCut, quote, type VerifiedBundle, type VerifiedChain } from "../../core/internal.ts";
import type { VerifyFailure } from "../../node/bundle/verify-context.ts";
import type { RunOutputs } from "../../node/verify/outputs-record.ts";
import {
  answerTrust,
  type TrustAnswer,
  type TrustChoice,
  UNDECIDED_TRUST,
} from "../options/trust-options.ts";
import type { Io } from "../output/io.ts";
import type { Report } from "../output/report.ts";
import type { JudgedChainFacts, RunOutputsFacts } from "../results/judged.ts";
import { countOf } from "../text/count-text.ts";
import { runName } from "../text/run-name.ts";
import { cutTrust } from "./finding-text.ts";
import { differingWords, sourceWords } from "./stored-text.ts";
import { rejectedReport, soundReport } from "./verdict-facts.ts";
import { bundleLines, trustedWords } from "./verify-text.ts";

/** One bundle of an accepted chain, and what the policy says of its signer. */
interface JudgedLink {
  readonly bundle: VerifiedBundle;
  readonly trust: TrustAnswer;
}

/** What a command adds to the report on a chain. */
export interface ChainMore {
  readonly known?: object;
  readonly text?: string;
  readonly isVerbose?: boolean;
  /** The cut at which a history begins: its signer is judged too. */
  readonly cut?: HistoryCut | undefined;
}

/**
 * The end of a chain that was rejected. `runs` are those whose outputs were looked for, `looked` is the one that failed if
 * it failed by its outputs, `known` are the command's own members.
 */
export function rejectedChainReport(
  failure: VerifyFailure,
  runs: readonly RunOutputs[],
  looked?: RunOutputs,
  known: object = {},
): Report {
  const where = "run_id" in failure.details ? `run ${quote(String(failure.details.run_id))}: ` : "";
  const facts: Partial<JudgedChainFacts> = { ...UNKNOWN_CHAIN, runs: runs.map(outputsFacts), ...known };
  const report = rejectedReport<JudgedChainFacts>(failure, facts, "", where);
  const { error } = report;
  // Files may all be as they were, and a link or a mode may not.
  if (error === undefined || looked?.differing === undefined || looked.differing === 0) return report;
  return { ...report, error: { ...error, message: `${error.message}; ${differingWords(looked)}` } };
}

/** Where the outputs of a run came from, for a program. */
function outputsFacts({ differing, files, runId, source }: RunOutputs): RunOutputsFacts {
  return { run_id: runId, source, files, differing: differing ?? null };
}

/** The end of a chain that is sound: each signer is judged. */
export function soundChainReport(
  chain: VerifiedChain,
  runs: readonly RunOutputs[],
  choice: TrustChoice,
  io: Io,
  more: ChainMore = {},
): Report {
  const links = judgeLinks(chain, runs, choice, io.now(), more.isVerbose ?? false);
  const trust = cutTrust(more.cut, choice, io.now());
  const cut = more.cut === undefined || trust === undefined ? undefined : { cut: more.cut, trust };
  return acceptedReport(chain, runs, { ...links, cut }, { ...more, colour: io.colour });
}

/** What is not known of a chain that was rejected. */
const UNKNOWN_CHAIN = {
  bundle_root: null,
  bound: null,
  files: null,
  bytes: null,
  signer: null,
  trust: UNDECIDED_TRUST,
  chain_root: null,
  bundle_roots: null,
  run_ids: null,
};

/** The bundles of a chain, each judged. */
interface JudgedLinks {
  /** The one whose signer is shown for the whole: the first one not trusted, else the last. */
  readonly shown: JudgedLink;
  /** The lines of all. */
  readonly text: string;
  /** The cut of a history, and what the policy says of its signer. */
  readonly cut?: { readonly cut: HistoryCut; readonly trust: TrustAnswer } | undefined;
}

/** Lines of so many bundles are made one text at a time: the pieces of all of them would take a kilobyte for each. */
const BUNDLES_A_TEXT = 256;

/** Judges one bundle after the other. Neither the decisions nor the pieces of lines are held: a line may have 100,000 runs. */
function judgeLinks(
  { bundles }: VerifiedChain,
  runs: readonly RunOutputs[],
  choice: TrustChoice,
  now: number,
  isVerbose: boolean,
): JudgedLinks {
  let shown: JudgedLink | undefined;
  let text = "";
  let lines: string[] = [];
  for (const [index, bundle] of bundles.entries()) {
    const link = { bundle, trust: answerTrust(choice, bundle, now) };
    if (shown === undefined || shown.trust.ok) shown = link;
    lines.push(linkLines(link, runs[index], isVerbose));
    if (lines.length < BUNDLES_A_TEXT) continue;
    text += lines.join("");
    lines = [];
  }
  if (shown === undefined) throw new TypeError("an accepted chain has a bundle");
  return { shown, text: text + lines.join("") };
}

function acceptedReport(
  chain: VerifiedChain,
  runs: readonly RunOutputs[],
  { cut, shown, text: lines }: JudgedLinks,
  { colour, known = {}, text = "" }: ChainMore & { readonly colour: boolean },
): Report {
  const { bundle, trust } = shown;
  // A bundle comes first: of a history whose signers are not trusted, the cut is not the reason.
  const isCutRefused = cut !== undefined && trust.ok && !cut.trust.ok;
  const where = isCutRefused ? "the cut at its beginning" : `run ${quote(bundle.runId)}`;
  return soundReport<JudgedChainFacts>({
    signer: isCutRefused ? cut.cut.signer : bundle.signer,
    trust: isCutRefused ? cut.trust : trust,
    known: {
      bundle_root: chain.bundles.at(-1)?.bundleRoot ?? null,
      bound: chain.bundles.every(({ binding }) => binding !== undefined),
      files: sum(chain, ({ outputs }) => outputs.length),
      bytes: sum(chain, ({ bytes }) => bytes),
      chain_root: chain.chainRoot,
      bundle_roots: chain.bundles.map(({ bundleRoot }) => bundleRoot),
      run_ids: chain.bundles.map(({ runId }) => runId),
      runs: runs.map(outputsFacts),
      notes: chain.notes,
      ...known,
    },
    text: `${lines}${endLines(chain)}${text}`,
    colour,
    sound: `the history is sound, but ${where}: `,
    details: isCutRefused ? {} : { run_id: bundle.runId },
  });
}

/** A run in one line; with --verbose, all that is known of it. */
function linkLines(
  { bundle, trust }: JudgedLink,
  outputs: RunOutputs | undefined,
  isVerbose: boolean,
): string {
  const { binding, bundleRoot, bytes, runId, signer } = bundle;
  const place = outputs && placeWords(outputs);
  if (isVerbose) return `${bundleLines(bundle, trust, { place })}\n`;
  const columns = [
    runName(runId),
    binding?.sealedAt ?? "unbound",
    bundleRoot.slice(0, 8),
    trustedWords(signer, trust),
    [countOf(bundle.outputs.length, "file"), countOf(bytes, "byte"), place ?? []].flat().join(", "),
  ];
  return `${columns.join("  ")}\n`;
}

function endLines(chain: VerifiedChain): string {
  const notes = chain.notes.map(
    ({ code, run_id, subject }) => `note: ${code} in run ${quote(run_id)}: ${quote(subject)}\n`,
  );
  return `${notes.join("")}chain root  ${chain.chainRoot}\n`;
}

function placeWords(outputs: RunOutputs): string {
  const { differing = 0, source } = outputs;
  return `from ${sourceWords(source)}${differing === 0 ? "" : `; ${differingWords(outputs)}`}`;
}

function sum(chain: VerifiedChain, count: (bundle: VerifiedBundle) => number): number {
  return chain.bundles.reduce((total, bundle) => total + count(bundle), 0);
}
