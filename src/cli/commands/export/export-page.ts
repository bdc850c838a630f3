/** `runseal export --format page -o FILE`: writes the page that verifies a run in a browser. @module */

import { countOf } from "../../../core/system/bytes/count-text.ts";
import { readVerifyPage } from "../../../node/library/verify-page.ts";
import { placeExportedFile } from "../../../node/make/export/export-place.ts";
import { digestOf } from "../../../node/system/runtime/node-crypto.ts";
import { SIGNER_FLAGS, TRUST_FLAGS } from "../../options/shared-options.ts";
import { refuseGiven, UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";
import { type ExportOptions, STDOUT } from "./chosen-formats.ts";
import type { ExportResult } from "./export-results.ts";
import { fileFacts } from "./export-text.ts";

/** Options about a run, its signer or an exporter. The page is the same for all of them. */
const OF_A_RUN = [
  ...SIGNER_FLAGS,
  ...TRUST_FLAGS,
  ...["--expect", "--expect-id", "--predicate", "--project", "--files", "--run", "--plain-http"],
  ...["--exact", "--ignore", "--ignore-modes", "--jobs"],
];

/** Writes the page to a new file. To stdout it goes as it is; with --json only its facts do. Throws usage errors. */
export async function exportPage(
  run: string | undefined,
  options: ExportOptions,
  out: string,
  io: Io,
): Promise<Report> {
  const wrong = "does not go with --format page: the page verifies any run";
  if (run !== undefined) throw new UsageError(`a run ${wrong}`);
  refuseGiven(options, OF_A_RUN, wrong);
  const content = readVerifyPage();
  const file = { name: out, content, sha256: digestOf(content) };
  const facts = { folder: null, files: [fileFacts(file)] };
  if (out === STDOUT) {
    if (options.json !== true) await io.writeBytes(content);
    return doneReport<ExportResult>("exported", facts, "");
  }
  const fault = placeExportedFile(out, content);
  if (fault !== undefined) return operationReport(fault);
  const text =
    `page     ${shellWord(out)}, ${countOf(content.length, "byte")}\n` +
    `sha256   ${file.sha256}\n` +
    "Open it in a browser, and drop a project folder on it. It needs no network and sends nothing.\n";
  return doneReport<ExportResult>("exported", facts, text);
}
