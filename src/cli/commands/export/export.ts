/** `runseal export RUN`: verifies a run and writes evidence of it in the formats of other tools. @module */

import type { VerifiedBundle } from "../../../core/internal.ts";
import {
  EXPORT_FORMATS,
  type ExportedRun,
  type ExportFormat,
  exportRun,
  openSigner,
} from "../../../node/index.ts";
import { placeOfBundle } from "../../options/bundle-place.ts";
import { type ExpectOptions, expectedBundle } from "../../options/expectations.ts";
import { chooseJobs, type JobsOptions } from "../../options/jobs.ts";
import { cliPassphrases } from "../../options/passphrases.ts";
import { chooseSigner, type SignerOptions } from "../../options/signer-options.ts";
import {
  answerTrust,
  chooseTrust,
  type TrustAnswer,
  type TrustOptions,
} from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { type ProgressOptions, showProgress } from "../../progress/show-progress.ts";
import { rejectedReport, signerFacts, soundReport } from "../../verdict/verdict-facts.ts";
import { trustHints } from "../../verdict/verify-text.ts";
import { exportedText, exportRemarks } from "./export-text.ts";
import { verifyCommands } from "./verify-commands.ts";

/** The options as parsed. */
export interface ExportOptions
  extends SignerOptions,
    TrustOptions,
    ExpectOptions,
    JobsOptions,
    ProgressOptions {
  readonly format: readonly string[];
  readonly out?: string | undefined;
  readonly predicate?: "slsa" | undefined;
  readonly root?: string | undefined;
  readonly stored?: true | undefined;
}

/** Exports one run, if it is accepted with all its outputs and its signer is trusted. Throws usage errors. */
export async function runExport(text: string, options: ExportOptions, io: Io): Promise<Report> {
  const formats = chooseFormats(options);
  const jobs = chooseJobs(options);
  const expected = expectedBundle(options);
  const choice = chooseSigner(options, io);
  const trust = chooseTrust(options, io);
  if ("report" in trust) return trust.report;
  const { environment, signal } = io;
  const place = placeOfBundle(text, options.root, io);
  if (!place.ok) return operationReport(place);
  const now = io.now();
  using progress = showProgress(options, io);
  const done = await exportRun({
    ...place.value,
    ...expected,
    from: options.stored === true ? "store" : "root",
    jobs,
    formats,
    predicate: options.predicate ?? "link",
    out: options.out,
    openSigner: () => openSigner(choice, { environment, passphrases: cliPassphrases(io), signal }),
    refuseSigner: (bundle) => {
      const answer = answerTrust(trust, bundle, now);
      return answer.ok ? undefined : answer;
    },
    signal,
    progress: progress?.port,
  });
  if (done.ok)
    return exportedReport(
      done.value,
      formats,
      answerTrust(trust, done.value.bundle, now),
      place.value.root,
      io,
    );
  if ("refusal" in done) return untrustedReport(done.refusal, done.bundle);
  if (!("phase" in done)) return operationReport(done);
  return rejectedReport(done, {});
}

/** Reads the formats, in their own order and each once. Throws usage errors for options that have no use with them. */
function chooseFormats(options: ExportOptions): readonly ExportFormat[] {
  const { predicate } = options;
  const format = options.format.flatMap((names) => names.split(","));
  if (format.length === 0)
    throw new UsageError(`--format says what to write: ${EXPORT_FORMATS.join(", ")} or all`);
  const unknown = format.find((name) => name !== "all" && !EXPORT_FORMATS.some((known) => known === name));
  if (unknown !== undefined)
    throw new UsageError(
      `--format takes ${EXPORT_FORMATS.join(", ")} or all, and not ${JSON.stringify(unknown)}`,
    );
  const formats = EXPORT_FORMATS.filter((known) => format.includes("all") || format.includes(known));
  if (predicate !== undefined && !formats.includes("dsse") && !formats.includes("sigstore"))
    throw new UsageError(
      "--predicate belongs to the formats dsse and sigstore; the others make no statement",
    );
  const names = [options.key, options.publicKey];
  if (formats.every((known) => known === "sums") && names.some((name) => name !== undefined))
    throw new UsageError(
      "--format sums is not signed, so no signer can be chosen\n--format sshsig, minisign or signify sign the list",
    );
  return formats;
}

/** Refuses to export a bundle whose signer is not trusted. */
function untrustedReport(answer: TrustAnswer, bundle: VerifiedBundle): Report {
  const { bundleRoot, runId, signer } = bundle;
  return soundReport({
    trust: answer,
    signer,
    known: { run_id: runId, bundle_root: bundleRoot },
    sound: "nothing was exported: the bundle is sound, but ",
    text: "",
    hints: trustHints(answer),
  });
}

function exportedReport(
  exported: ExportedRun,
  formats: readonly ExportFormat[],
  trust: TrustAnswer,
  root: string,
  io: Io,
): Report {
  const { bundle, exporter, files, folder } = exported;
  const commands = verifyCommands(exported, formats, root, io.cwd);
  return doneReport(
    "exported",
    {
      run_id: bundle.runId,
      bundle_root: bundle.bundleRoot,
      signer: signerFacts(bundle.signer, trust.name),
      trust,
      exporter: exporter === undefined ? null : signerFacts(exporter),
      folder,
      files,
      commands,
    },
    exportedText(exported, commands, root),
    { remarks: exportRemarks(exported, formats) },
  );
}
