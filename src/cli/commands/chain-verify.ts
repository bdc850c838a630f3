/** `runseal chain verify BUNDLE…`: in this order, whole, each by somebody I trust? @module */

import { quote, quoteIfNeeded, type VerifiedBundle, type VerifiedChain } from "../../core/index.ts";
import { verifyChain } from "../../node/index.ts";
import { defaultRoot } from "../default-root.ts";
import { checkExpectedRoot } from "../expected-root.ts";
import type { Io } from "../io.ts";
import type { Report } from "../report.ts";
import { countOf } from "../text/count-text.ts";
import { countersignerLines } from "../text/trust-text.ts";
import { signerWords } from "../text/verify-text.ts";
import {
  answerTrust,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
  UNDECIDED_TRUST,
} from "../trust-options.ts";
import { rejectedReport, soundReport } from "../verdict-facts.ts";

/** The options as parsed. */
export interface ChainVerifyOptions extends TrustOptions {
  readonly root?: string | undefined;
  readonly expectRoot?: string | undefined;
}

/** One bundle of an accepted chain, and what the policy says of its signer. */
interface JudgedLink {
  readonly bundle: VerifiedBundle;
  readonly trust: TrustAnswer;
}

/** Verifies a chain in the order given. */
export async function runChainVerify(
  bundles: readonly string[],
  options: ChainVerifyOptions,
  io: Io,
): Promise<Report> {
  const { expectRoot } = options;
  checkExpectedRoot(expectRoot);
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const root = options.root ?? defaultRoot(bundles[0] ?? ".", io.cwd);
  const expected = expectRoot === undefined ? {} : { expectedRoot: expectRoot };
  const verdict = await verifyChain({ bundles, root, signal: io.signal, ...expected });
  if (!verdict.ok) {
    const where = "run_id" in verdict.details ? `run ${quote(String(verdict.details.run_id))}: ` : "";
    return rejectedReport(verdict, UNKNOWN_CHAIN, "", where);
  }
  const links = verdict.value.bundles.map((bundle) => ({
    bundle,
    trust: answerTrust(choice, bundle, io.now()),
  }));
  return acceptedReport(verdict.value, links);
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
function acceptedReport(chain: VerifiedChain, links: readonly JudgedLink[]): Report {
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
      notes: chain.notes,
    },
    text: chainLines(chain, links),
    sound: `the chain is sound, but run ${quote(bundle.runId)}: `,
    details: { run_id: bundle.runId },
  });
}

function chainLines(chain: VerifiedChain, links: readonly JudgedLink[]): string {
  const lines = links.map(
    ({ bundle, trust }) =>
      `${quoteIfNeeded(bundle.runId)}\n` +
      `  root    ${bundle.bundleRoot}\n` +
      `  files   ${countOf(bundle.outputs.length, "file")}, ${countOf(bundle.bytes, "byte")}\n` +
      `  signer  ${signerWords(bundle.signer, trust.name)}\n` +
      `  trust   ${trust.reason}\n` +
      countersignerLines(trust.countersigners).replaceAll(/^counter {2}/gm, "  counter "),
  );
  const notes = chain.notes.map(
    ({ code, run_id, subject }) => `note: ${code} in run ${quote(run_id)}: ${quote(subject)}\n`,
  );
  return `${lines.join("")}${notes.join("")}chain root  ${chain.chainRoot}\n`;
}

function sum(chain: VerifiedChain, count: (bundle: VerifiedBundle) => number): number {
  return chain.bundles.reduce((total, bundle) => total + count(bundle), 0);
}
