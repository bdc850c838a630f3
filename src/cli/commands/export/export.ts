/** `runseal export RUN`: verifies a run and writes evidence of it in the formats of other tools. @module */

import { openSigner } from "../../../node/keys/open-signer.ts";
import type { ExportFormat } from "../../../node/make/export/evidence-formats.ts";
import { exportRun } from "../../../node/make/export/export-run.ts";
import { onNamedOrNewest } from "../../options/default-run.ts";
import { expectedBundle } from "../../options/expectations.ts";
import { signerSurroundings } from "../../options/passphrases.ts";
import { placeOfBundle } from "../../options/run-operands.ts";
import { chooseSigner } from "../../options/signer-options.ts";
import { refuseCarriedOptions } from "../../options/source-place.ts";
import { answerTrust, chooseTrust } from "../../options/trust-options.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { failedRunReport } from "../../verdict/stored-text.ts";
import { signerFacts, untrustedReport } from "../../verdict/verdict-facts.ts";
import { chooseFormats, type ExportOptions, STDOUT } from "./chosen-formats.ts";
import type { ExportResult } from "./export-results.ts";
import { exportedText, exportRemarks, fileFacts } from "./export-text.ts";
import { verifyCommands } from "./verify-commands.ts";

/** Exports one run, if it is accepted with all its outputs and its signer is trusted; or the page. Throws usage errors. */
export async function runExport(run: string | undefined, options: ExportOptions, io: Io): Promise<Report> {
  const { out, project } = options;
  const chosen = chooseFormats(options);
  if (chosen === "page" || chosen === "verdict") {
    if (out === undefined || (out === STDOUT && chosen === "verdict"))
      throw new UsageError(`--format ${chosen} needs -o: the file to write`);
    if (chosen === "page") return await (await import("./export-page.ts")).exportPage(run, options, out, io);
    const { exportVerdict } = await import("./export-verdict.ts");
    return await onNamedOrNewest(run, project, io, (named) => exportVerdict(named, options, out, io));
  }
  return await onNamedOrNewest(run, project, io, (named) => exportEvidence(named, options, chosen, io));
}

async function exportEvidence(
  text: string,
  options: ExportOptions,
  formats: readonly ExportFormat[],
  io: Io,
): Promise<Report> {
  refuseCarriedOptions(options);
  const expected = expectedBundle(options);
  const { exact, ignore, ignoreModes } = options;
  const choice = chooseSigner(options, io);
  const trust = chooseTrust(options, io);
  if ("report" in trust) return trust.report;
  const place = placeOfBundle(text, options, io);
  if (!place.ok) return operationReport(place);
  const now = io.now();
  using work = new ShownWork(options, io);
  const done = await exportRun({
    ...place.value,
    ...expected,
    exact,
    ignore,
    ignoreModes,
    formats,
    predicate: options.predicate ?? "link",
    out: options.out === STDOUT ? undefined : options.out,
    openSigner: () => openSigner(choice, signerSurroundings(io)),
    refuseSigner: (bundle) => {
      const answer = answerTrust(trust, bundle, now);
      return answer.ok ? undefined : answer;
    },
    ...work,
  });
  if (done.ok) {
    const { bundle, exporter, files, folder } = done.value;
    const [list] = files;
    if (folder === undefined && list !== undefined && options.json !== true) {
      work.progress?.end();
      await io.writeBytes(list.content);
    }
    const answer = answerTrust(trust, bundle, now);
    const { root } = place.value;
    const placed = folder === undefined ? undefined : { ...done.value, folder };
    const commands = placed === undefined ? [] : verifyCommands(placed, formats, root, io.cwd);
    return doneReport<ExportResult>(
      "exported",
      {
        run_id: bundle.runId,
        bundle_root: bundle.bundleRoot,
        signer: signerFacts(bundle.signer, answer.name),
        trust: answer,
        exporter: exporter === undefined ? null : signerFacts(exporter),
        folder: folder ?? null,
        files: files.map(fileFacts),
        commands,
      },
      placed === undefined ? "" : exportedText(placed, commands, root),
      { remarks: exportRemarks(done.value, formats) },
    );
  }
  if ("refusal" in done)
    return untrustedReport("nothing was exported: the bundle is sound, but ", done.bundle, done.refusal);
  return failedRunReport(done, place.value);
}
