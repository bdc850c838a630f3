/** What an export prints. @module */

import { MAX_REQUIRED, printable, quote, quoteIfNeeded, unsealedEnds } from "../../../core/internal.ts";
import type { ExportedRun, ExportFormat } from "../../../node/index.ts";
import type { Remark } from "../../output/report.ts";
import { countOf } from "../../text/count-text.ts";
import { signerWords } from "../../verdict/verify-text.ts";
import type { VerifyCommand } from "./verify-commands.ts";

/** An attacker who changes the evidence changes the key beside it too. */
const KEY_NOTE =
  "\nThe public keys beside the evidence prove nothing by themselves: give the exporter's fingerprint to others in another way.\n";

/** What was written, by whom, and how others verify it. */
export function exportedText(
  exported: ExportedRun,
  commands: readonly VerifyCommand[],
  root: string,
): string {
  const { bundle, exporter, files, folder } = exported;
  const names = files.map(({ name }) => `files      ${quoteIfNeeded(`${folder}/${name}`)}\n`);
  const lines = commands.map(({ command, format }) => `\n# ${format}\n${printable(command)}\n`);
  const fingerprint = exporter === undefined ? "" : `exporter   ${exporter.fingerprint}\n`;
  return (
    `exported   ${countOf(bundle.outputs.length, "file")} of run ${quoteIfNeeded(bundle.runId)}\n` +
    `root       ${bundle.bundleRoot}\n` +
    `sealed by  ${signerWords(bundle.signer, undefined)}\n` +
    `${fingerprint}${names.join("")}` +
    `\nOthers verify it with these lines, in the folder where the run's paths begin (here ${quoteIfNeeded(root)}):\n` +
    lines.join("") +
    (exporter === undefined ? "" : KEY_NOTE)
  );
}

/** What a reader must know besides. */
export function exportRemarks({ bundle }: ExportedRun, formats: readonly ExportFormat[]): readonly Remark[] {
  const remarks: Remark[] = [];
  if (formats.includes("link") && bundle.outputs.length > MAX_REQUIRED) {
    const message = `in-toto finds changed and added files of this run, but no missing ones: it has more than ${countOf(MAX_REQUIRED, "file")}`;
    remarks.push({ kind: "note", message, hints: ["--format sums finds missing files too"] });
  }
  const { tree } = bundle;
  const ends = formats.includes("link") && tree !== undefined ? unsealedEnds(tree, tree.files) : [];
  const [first] = ends;
  if (first !== undefined) {
    const others = ends.length > 1 ? ` and ${countOf(ends.length - 1, "other")}` : "";
    const message = `in-toto fails at a link that leads nowhere, and what these links lead to is not sealed: ${quote(first)}${others}`;
    remarks.push({
      kind: "warning",
      message,
      hints: ["hand over what they lead to as well, or choose another format"],
    });
  }
  return remarks;
}
