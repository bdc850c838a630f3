/** `runseal sign --counter RUN`: adds a signature to another signer's bundle. @module */

import { countOf } from "../../../core/system/bytes/count-text.ts";
import { openSigner } from "../../../node/keys/open-signer.ts";
import { countersignBundle } from "../../../node/make/countersign/countersign-bundle.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { answerTrust, chooseTrust } from "../../options/trust-options.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { failedRunReport } from "../../verdict/stored-text.ts";
import { signerFacts, untrustedReport } from "../../verdict/verdict-facts.ts";
import { signerWords } from "../../verdict/verify-text.ts";
import type { SignOptions } from "./sign-options.ts";
import type { CountersignResult } from "./sign-results.ts";
import { placeOfSigned } from "./signed-place.ts";

/**
 * Countersigns one bundle, if it is accepted with all its outputs and its signer is trusted. A threshold need not be met: to
 * countersign is the way to meet it.
 */
export async function runCountersign(text: string, options: SignOptions, io: Io): Promise<Report> {
  const choice = chooseSigner(options, io);
  const trust = chooseTrust(options, io);
  if ("report" in trust) return trust.report;
  const place = placeOfSigned(text, options, io);
  if (!place.ok) return operationReport(place);
  const now = io.now();
  using work = new ShownWork(options, io);
  const done = await countersignBundle({
    ...place.value,
    openSigner: () => openSigner(choice, signerSurroundings(io)),
    now,
    refuseSigner: (bundle) => {
      const answer = answerTrust(trust, bundle, now);
      return answer.ok || answer.code === "SIGNER_THRESHOLD_UNMET" ? undefined : answer;
    },
    ...work,
  });
  if (!done.ok && "refusal" in done)
    return untrustedReport("nothing was signed: the bundle is sound, but ", done.bundle, done.refusal);
  if (!done.ok) return failedRunReport(done, place.value);
  const { bundle, countersigner, holding, signedAt } = done.value;
  const { bundleRoot, bytes, outputs, runId, signer } = bundle;
  return doneReport<Omit<CountersignResult, "act">>(
    "countersigned",
    {
      run_id: runId,
      bundle_root: bundleRoot,
      files: outputs.length,
      bytes,
      signer: signerFacts(signer),
      countersigner: signerFacts(countersigner),
      signed_at: signedAt,
      countersignatures: holding,
    },
    `countersigned  ${countOf(outputs.length, "file")}, ${countOf(bytes, "byte")}\n` +
      `hash           ${bundleRoot}\n` +
      `sealed by      ${signerWords(signer, undefined)}\n` +
      `countersigner  ${countersigner.keyId}; ${countOf(holding, "countersignature")} now\n`,
  );
}
