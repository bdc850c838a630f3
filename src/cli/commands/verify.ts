/** `runseal verify BUNDLE`: is this the run, whole and by somebody I trust? @module */

import type { JudgedBundle, VerifiedBundle } from "../../core/index.ts";
import { reportOnBundle } from "../../node/index.ts";
import { defaultRoot } from "../default-root.ts";
import type { Io } from "../io.ts";
import type { Report } from "../report.ts";
import { bundleLines, outputFailureLines, phaseLines } from "../text/verify-text.ts";
import {
  answerTrust,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
  UNDECIDED_TRUST,
} from "../trust-options.ts";
import { phaseOf, rejectedReport, signerFacts, soundReport } from "../verdict-facts.ts";

/** The options as parsed. */
export interface VerifyOptions extends TrustOptions {
  readonly root?: string | undefined;
  readonly all?: true | undefined;
}

/** Verifies one bundle. */
export async function runVerify(bundle: string, options: VerifyOptions, io: Io): Promise<Report> {
  const choice = chooseTrust(options, io);
  if ("report" in choice) return choice.report;
  const root = options.root ?? defaultRoot(bundle, io.cwd);
  const { verdict, judged, failures } = await reportOnBundle({ bundle, root, signal: io.signal });
  const listed = options.all === true ? [...failures()] : [];
  const all =
    options.all === true ? { failures: listed.map(({ code, details }) => ({ code, ...details })) } : {};
  if (verdict.ok) return acceptedReport(verdict.value, answerTrust(choice, verdict.value, io.now()), all, io);
  const text = phaseLines(phaseOf(verdict) ?? "presence", io.colour) + outputFailureLines(listed);
  return rejectedReport(verdict, { ...knownOf(judged), ...all, trust: UNDECIDED_TRUST }, text);
}

/** What is known of a rejected bundle: what the signature says once it held, else nothing. */
function knownOf(judged: JudgedBundle | undefined): object {
  return {
    bundle_root: judged?.bundleRoot ?? null,
    bound: null,
    files: judged?.claims.length ?? null,
    bytes: null,
    signer: judged === undefined ? null : signerFacts(judged.signer),
  };
}

function acceptedReport(bundle: VerifiedBundle, trust: TrustAnswer, all: object, io: Io): Report {
  const { binding, bundleRoot, bytes, outputs, signer } = bundle;
  const bound = binding !== undefined;
  return soundReport({
    signer,
    trust,
    known: { bundle_root: bundleRoot, bound, files: outputs.length, bytes, ...all },
    text: phaseLines(undefined, io.colour) + bundleLines(bundle, trust),
    sound: "the bundle is sound, but ",
  });
}
