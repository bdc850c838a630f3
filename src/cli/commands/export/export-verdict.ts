/** `runseal export RUN --format verdict -o FILE`: signs the verdict of an accepted bundle whose signer is trusted. @module */

import { openSigner } from "../../../node/keys/open-signer.ts";
import { writeVerdict } from "../../../node/make/export/attest-verdict.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { sealingTime } from "../../options/sealing-options.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { refuseGiven, UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { signerFacts } from "../../verdict/verdict-facts.ts";
import { verifyOne } from "../verify/verify.ts";
import type { ExportOptions } from "./chosen-formats.ts";
import type { ExportResult } from "./export-results.ts";
import { fileFacts, verdictText } from "./export-text.ts";

/** Verifies a run as `verify` does, and ends as it does unless the run is accepted. Throws usage errors. */
export async function exportVerdict(
  named: string,
  options: ExportOptions,
  file: string,
  io: Io,
): Promise<Report> {
  refuseGiven(
    options,
    ["--any-signer"],
    "does not go with --format verdict: a verdict says that the signer is trusted",
  );
  const signer = chooseSigner(options, io);
  const now = sealingTime(io);
  const { report, verified } = await verifyOne(named, options, { from: "either", includes: "none" }, io);
  if (report.error !== undefined) return failedReport(report);
  if (verified === undefined) throw new UsageError("a verdict is about one run; choose it with --run ID");
  const { bundle, policy, trust } = verified;
  if (policy === undefined) throw new TypeError("--any-signer was refused");
  const attested = await writeVerdict({
    file,
    signal: io.signal,
    openSigner: () => openSigner(signer, signerSurroundings(io)),
    verdict: { ...verified, policy, time: trust.time, now },
  });
  if (!attested.ok) return operationReport(attested);
  const { verifier } = attested.value;
  const facts = {
    run_id: bundle.runId,
    bundle_root: bundle.bundleRoot,
    signer: signerFacts(bundle.signer, trust.name),
    trust,
    exporter: signerFacts(verifier),
    folder: null,
    files: [fileFacts(attested.value.file)],
  };
  return doneReport<ExportResult>("exported", facts, verdictText(bundle, verifier, file), {
    remarks: report.remarks ?? [],
  });
}

/** The end of a verification, with the members that an export has. */
function failedReport(report: Report): Report {
  const { bundle_root, code, details, exit_code, message, ok, phase, run_id, signer, trust, verdict } =
    report.facts;
  if (verdict === undefined) return report;
  const judged = typeof run_id === "string" ? { run_id, bundle_root, signer, trust } : {};
  return { ...report, facts: { ok, code, phase, message, details, verdict, ...judged, exit_code } };
}
