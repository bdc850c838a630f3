/** `runseal countersign BUNDLE`: vouch for what somebody else sealed. @module */

import { type CountersignedBundle, countersignBundle, openSigner } from "../../node/index.ts";
import { placeOfBundle } from "../bundle-place.ts";
import type { Io } from "../io.ts";
import { cliPassphrases } from "../passphrases.ts";
import { type ProgressOptions, showProgress } from "../progress/show-progress.ts";
import type { Report } from "../report.ts";
import { chooseSigner, type SignerOptions } from "../signer-options.ts";
import { countOf } from "../text/count-text.ts";
import { operationReport } from "../text/operation-text.ts";
import { signerWords } from "../text/verify-text.ts";
import { rejectedReport, signerFacts } from "../verdict-facts.ts";

/** The options as parsed. */
export interface CountersignOptions extends SignerOptions, ProgressOptions {
  readonly root?: string | undefined;
}

/** Countersigns one bundle, if it is accepted with all its outputs. Whom to trust is not asked here. */
export async function runCountersign(text: string, options: CountersignOptions, io: Io): Promise<Report> {
  const choice = chooseSigner(options, io);
  const { environment, signal } = io;
  const place = placeOfBundle(text, options.root, io.cwd);
  if (!place.ok) return operationReport(place);
  using progress = showProgress(options, io);
  const done = await countersignBundle({
    ...place.value,
    openSigner: () => openSigner(choice, { environment, passphrases: cliPassphrases(io), signal }),
    now: io.now(),
    signal,
    progress: progress?.port,
  });
  if (done.ok) return countersignedReport(done.value);
  if (!("phase" in done)) return operationReport(done);
  return rejectedReport(done, {});
}

function countersignedReport({ bundle, countersigner, holding, signedAt }: CountersignedBundle): Report {
  const { bundleRoot, bytes, outputs, runId, signer } = bundle;
  return {
    facts: {
      ok: true,
      code: "OK",
      message: "countersigned",
      details: {},
      run_id: runId,
      bundle_root: bundleRoot,
      files: outputs.length,
      bytes,
      signer: signerFacts(signer),
      countersigner: signerFacts(countersigner),
      signed_at: signedAt,
      countersignatures: holding,
      exit_code: 0,
    },
    text:
      `countersigned  ${countOf(outputs.length, "file")}, ${countOf(bytes, "byte")}\n` +
      `root           ${bundleRoot}\n` +
      `sealed by      ${signerWords(signer, undefined)}\n` +
      `countersigner  ${countersigner.keyId}; ${countOf(holding, "countersignature")} now\n`,
  };
}
