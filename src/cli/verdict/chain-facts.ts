/** The reports on a chain: a list of bundles, or a project's history. @module */

import { quote, type VerifiedBundle, type VerifiedChain } from "../../core/internal.ts";
import type { RunOutputs, VerifyFailure } from "../../node/index.ts";
import {
  answerTrust,
  type TrustAnswer,
  type TrustChoice,
  UNDECIDED_TRUST,
} from "../options/trust-options.ts";
import type { Io } from "../output/io.ts";
import type { Report } from "../output/report.ts";
import { countOf } from "../text/count-text.ts";
import { runName } from "../text/run-name.ts";
import { differingWords, sourceWords } from "./stored-text.ts";
import { countersignerLines } from "./trust-text.ts";
import { rejectedReport, soundReport } from "./verdict-facts.ts";
import { signerWords } from "./verify-text.ts";

/** One bundle of an accepted chain, and what the policy says of its signer. */
interface JudgedLink {
  readonly bundle: VerifiedBundle;
  readonly trust: TrustAnswer;
}

/** What a command adds to the report on a chain. */
export interface ChainMore {
  readonly known?: object;
  readonly text?: string;
  /** How the whole is called. */
  readonly noun?: string;
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
  const facts = { ...UNKNOWN_CHAIN, runs: runs.map(outputsFacts), ...known };
  const report = rejectedReport(failure, facts, "", where);
  const { error } = report;
  // Files may all be as they were, and a link or a mode may not.
  if (error === undefined || looked?.differing === undefined || looked.differing === 0) return report;
  return { ...report, error: { ...error, message: `${error.message}; ${differingWords(looked)}` } };
}

/** Where the outputs of a run came from, for a program. */
function outputsFacts({ differing, files, runId, source }: RunOutputs): object {
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
  const now = io.now();
  const links = chain.bundles.map((bundle) => ({ bundle, trust: answerTrust(choice, bundle, now) }));
  return acceptedReport(chain, runs, links, more);
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

/** The signer that is shown for the whole is the first one not trusted, else the last bundle's. */
function acceptedReport(
  chain: VerifiedChain,
  runs: readonly RunOutputs[],
  links: readonly JudgedLink[],
  { known = {}, noun = "chain", text = "" }: ChainMore,
): Report {
  const shown = links.find(({ trust }) => !trust.ok) ?? links.at(-1);
  if (shown === undefined) throw new TypeError("an accepted chain has a bundle");
  const { bundle, trust } = shown;
  return soundReport({
    signer: bundle.signer,
    trust,
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
    text: chainLines(chain, runs, links) + text,
    sound: `the ${noun} is sound, but run ${quote(bundle.runId)}: `,
    details: { run_id: bundle.runId },
  });
}

function chainLines(chain: VerifiedChain, runs: readonly RunOutputs[], links: readonly JudgedLink[]): string {
  const lines = links.map(
    ({ bundle, trust }, index) =>
      `${runName(bundle.runId)}\n` +
      `  root    ${bundle.bundleRoot}\n` +
      `  files   ${countOf(bundle.outputs.length, "file")}, ${countOf(bundle.bytes, "byte")}\n` +
      fromLine(runs[index]) +
      `  signer  ${signerWords(bundle.signer, trust.name)}\n` +
      `  trust   ${trust.reason}\n` +
      countersignerLines(trust.countersigners).replaceAll(/^counter {2}/gm, "  counter "),
  );
  const notes = chain.notes.map(
    ({ code, run_id, subject }) => `note: ${code} in run ${quote(run_id)}: ${quote(subject)}\n`,
  );
  return `${lines.join("")}${notes.join("")}chain root  ${chain.chainRoot}\n`;
}

function fromLine(outputs: RunOutputs | undefined): string {
  if (outputs === undefined) return "";
  const { differing = 0, source } = outputs;
  return `  from    ${sourceWords(source)}${differing === 0 ? "" : `; ${differingWords(outputs)}`}\n`;
}

function sum(chain: VerifiedChain, count: (bundle: VerifiedBundle) => number): number {
  return chain.bundles.reduce((total, bundle) => total + count(bundle), 0);
}
