/** `runseal verify --attest FILE`: signs the verdict of an accepted bundle whose signer is trusted. @module */

import {
  formatUtcSecond,
  type JudgedBundle,
  type TimeFinding,
  type TrustPolicy,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import {
  type Attestation,
  attestVerdict,
  openSigner,
  RUNSEAL_VERSION,
  type SignerChoice,
  type VerifyReport,
} from "../../../node/index.ts";
import { digestOf } from "../../../node/runtime/node-crypto.ts";
import type { TreeDemand } from "../../../node/source/tree-look.ts";
import { foundNothingElse, ignoresModes } from "../../../node/verify/look-at-tree.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import { chooseSigner, refuseUnusedSigner, type SignerOptions } from "../../options/signer-options.ts";
import type { TrustChoice } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";
import { signerFacts } from "../../verdict/verdict-facts.ts";

/** The options as parsed. */
export interface AttestOptions extends SignerOptions {
  readonly attest?: string | undefined;
}

/** Who attests, and where to; undefined where no attestation is asked for. */
export interface AttestChoice {
  readonly file: string;
  readonly signer: SignerChoice;
  readonly policy: TrustPolicy;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Chooses who attests. Throws usage errors: a signer without --attest, and --attest without a policy that could trust. */
export function chooseAttest(options: AttestOptions, trust: TrustChoice, io: Io): AttestChoice | undefined {
  const { attest: file } = options;
  if (file === undefined) {
    refuseUnusedSigner(options, "--attest FILE");
    return undefined;
  }
  if (trust.kind === "any-signer")
    throw new UsageError("--attest says that the signer is trusted; it can't be used with --any-signer");
  const signer = chooseSigner(options, io);
  const now = sealingTime(io);
  // Without a policy no signer is trusted, and nothing is attested.
  const policy = trust.kind === "policy" && trust.policy !== undefined ? trust.policy : { sources: [] };
  return { file, signer, policy, now };
}

/** What was verified. */
export interface AttestedVerdict extends Pick<VerifyReport, "source" | "tree"> {
  readonly bundle: VerifiedBundle;
  readonly judged: JudgedBundle;
  readonly demand: TreeDemand;
  /** What its tokens say; undefined without any. */
  readonly time: TimeFinding | undefined;
}

/** Attests a verdict whose report is accepted. The report of a failure keeps the verdict, which stands. */
export async function withAttestation(
  report: Report,
  { file, now, policy, signer }: AttestChoice,
  { bundle, demand, judged, source, time, tree }: AttestedVerdict,
  io: Io,
): Promise<Report> {
  const { binding, bundleRoot, bytes, outputs, runId, signer: sealer } = bundle;
  const signature = judged.opened.artifacts["SIGNATURE.json"];
  if (signature.kind !== "bytes" || source === undefined)
    throw new TypeError("an accepted bundle was read, and so were its outputs");
  const attested = await attestVerdict({
    file,
    signal: io.signal,
    openSigner: () => openSigner(signer, signerSurroundings(io)),
    facts: {
      bundleRoot,
      runId: binding === undefined ? undefined : runId,
      signer: sealer,
      signatureDigest: digestOf(signature.bytes),
      outputHashesDigest: digestOf(judged.outputHashes.bytes),
      files: outputs.length,
      bytes,
      source,
      isTreeCompared: tree?.state === "checked" && !ignoresModes(demand),
      isExact: foundNothingElse(tree, demand),
      signedElsewhere: binding?.signedAt !== undefined,
      policy,
      time: time?.ok === true ? time : undefined,
      verifiedAt: formatUtcSecond(now),
      version: RUNSEAL_VERSION,
    },
  });
  if (attested.ok) return attestedReport(report, attested.value);
  const failed = operationReport(attested);
  return { ...failed, facts: { ...report.facts, ...failed.facts, attestation: null }, text: report.text };
}

function attestedReport(report: Report, { file, verifier }: Attestation): Report {
  const attestation = { file, verifier: signerFacts(verifier) };
  return {
    ...report,
    facts: { ...report.facts, attestation },
    text: `${report.text}attested ${shellWord(file)} by ${verifier.keyId}\n`,
  };
}
