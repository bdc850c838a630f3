/** The reports on a chain: a list of bundles, or a project's history. @module */

import {
  type ChainBundle,
  type HistoryStatement,
  quote,
  signedAt,
  type VerifiedChain,
} from "../../core/internal.ts";
import { countOf } from "../../core/system/bytes/count-text.ts";
import { runName } from "../../core/system/paths/run-name.ts";
import type { RunOutputs } from "../../node/judge/verify/outputs-record.ts";
import type { VerifyFailure } from "../../node/records/bundle/verify-context.ts";
import {
  answerTrust,
  type TrustAnswer,
  type TrustChoice,
  UNDECIDED_TRUST,
} from "../options/trust-options.ts";
import type { Io } from "../output/io.ts";
import type { Report } from "../output/report.ts";
import type { JudgedChainFacts, RunOutputsFacts } from "../results/judged.ts";
import { differingWords, sourceWords } from "./stored-text.ts";
import { rejectedReport, soundReport } from "./verdict-facts.ts";
import { bundleLines, trustedWords } from "./verify-text.ts";

/** One bundle of an accepted chain, and what the policy says of its signer. */
interface JudgedLink {
  readonly bundle: ChainBundle;
  readonly trust: TrustAnswer;
}

/** What a command adds to the report on a chain. */
export interface ChainMore {
  readonly known?: object;
  readonly text?: string;
  readonly isVerbose?: boolean;
  /** What a history rests on: the signers are judged too. */
  readonly statements?: readonly HistoryStatement[];
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

/** The end of a chain that is sound: each signer is judged. The decisions are not held: a history may have 100,000 runs. */
export function soundChainReport(
  chain: VerifiedChain,
  runs: readonly RunOutputs[],
  choice: TrustChoice,
  io: Io,
  { isVerbose = false, known = {}, statements = [], text = "" }: ChainMore = {},
): Report {
  const now = io.now();
  // The signer of one is shown for the whole: of the first one not trusted, else of the last.
  let shown: JudgedLink | undefined;
  let lines = "";
  for (const [index, bundle] of chain.bundles.entries()) {
    const link = { bundle, trust: answerTrust(choice, bundle, now) };
    if (shown === undefined || shown.trust.ok) shown = link;
    lines += linkLines(link, runs[index], isVerbose);
  }
  if (shown === undefined) throw new TypeError("an accepted chain has a bundle");
  const { runId, signer } = shown.bundle;
  const judged = statements.map((one) => ({
    ...one,
    trust: answerTrust(choice, signedAt(one.signer, one.signedAt), now),
  }));
  // A bundle comes first: of a history whose signers are not trusted, these are not the reason.
  const refused = shown.trust.ok ? judged.find(({ trust }) => !trust.ok) : undefined;
  return soundReport<JudgedChainFacts>({
    signer: refused?.signer ?? signer,
    trust: refused?.trust ?? shown.trust,
    known: {
      bundle_root: chain.bundles.at(-1)?.bundleRoot ?? null,
      bound: chain.bundles.every(({ binding }) => binding !== undefined),
      files: sum(chain, ({ files }) => files),
      bytes: sum(chain, ({ bytes }) => bytes ?? 0),
      chain_root: chain.chainRoot,
      bundle_roots: chain.bundles.map(({ bundleRoot }) => bundleRoot),
      run_ids: chain.bundles.map((bundle) => bundle.runId),
      runs: runs.map(outputsFacts),
      notes: chain.notes,
      ...known,
    },
    text: `${lines}${endLines(chain)}${text}`,
    colour: io.colour,
    sound: `the history is sound, but ${refused?.name ?? `run ${quote(runId)}`}: `,
    details: refused === undefined ? { run_id: runId } : {},
  });
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

/** A run in one line; with --verbose, all that is known of it. */
function linkLines(
  { bundle, trust }: JudgedLink,
  outputs: RunOutputs | undefined,
  isVerbose: boolean,
): string {
  const { binding, bundleRoot, bytes, files, hasCommand, runId, signer } = bundle;
  const place = outputs && placeWords(outputs);
  if (isVerbose && bytes !== undefined) {
    const taskSpec = new Set(hasCommand ? ["command"] : []);
    return `${bundleLines({ ...bundle, bytes, outputs: { length: files }, taskSpec }, trust, { place })}\n`;
  }
  const left = bytes === undefined ? ["bytes dropped"] : [countOf(bytes, "byte"), place ?? []];
  const columns = [
    runName(runId),
    binding?.sealedAt ?? "unbound",
    bundleRoot.slice(0, 8),
    trustedWords(signer, trust),
    [countOf(files, "file"), ...left.flat()].join(", "),
  ];
  return `${columns.join("  ")}\n`;
}

function endLines(chain: Pick<VerifiedChain, "chainRoot" | "notes">): string {
  const notes = chain.notes.map(
    ({ code, run_id, subject }) => `note: ${code} in run ${quote(run_id)}: ${quote(subject)}\n`,
  );
  return `${notes.join("")}chain root  ${chain.chainRoot}\n`;
}

function placeWords(outputs: RunOutputs): string {
  const { differing = 0, source } = outputs;
  return `from ${sourceWords(source)}${differing === 0 ? "" : `; ${differingWords(outputs)}`}`;
}

/** Of bundles whose bytes were dropped, nothing is counted. */
function sum({ bundles }: VerifiedChain, count: (bundle: ChainBundle) => number): number {
  return bundles.reduce((total, bundle) => total + (bundle.bytes === undefined ? 0 : count(bundle)), 0);
}
