/** `runseal page -o FILE`: writes the page that verifies a run in a browser. @module */

import { readVerifyPage, writeVerifyPage } from "../../../node/page/verify-page.ts";
import { digestOf } from "../../../node/runtime/node-crypto.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import { countOf } from "../../text/count-text.ts";
import { shellWord } from "../../text/shell-word.ts";

/** The options as parsed. */
export interface PageOptions {
  readonly out: string;
  readonly json?: boolean | undefined;
}

/** Writes the page to a new file. To stdout it goes as it is; with --json only its facts do. */
export async function runPage({ json, out }: PageOptions, io: Io): Promise<Report> {
  const page = readVerifyPage();
  const isPrinted = out === "-";
  const facts = { page_file: isPrinted ? null : out, bytes: page.length, sha256: digestOf(page) };
  if (isPrinted) {
    if (json !== true) await io.writeBytes(page);
    return doneReport("written", facts, "");
  }
  const written = writeVerifyPage(out, page);
  if (!written.ok) return operationReport(written);
  const text =
    `page     ${shellWord(out)}, ${countOf(page.length, "byte")}\n` +
    `sha256   ${facts.sha256}\n` +
    "Open it in a browser, and drop a project folder on it. It needs no network and sends nothing.\n";
  return doneReport("written", facts, text);
}
