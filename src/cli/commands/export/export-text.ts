/** What an export prints. @module */

import {
  MAX_REQUIRED,
  printable,
  quote,
  quoteIfNeeded,
  type SignerIdentity,
  unsealedEnds,
  type VerifiedBundle,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import type { ExportFormat } from "../../../node/make/export/evidence-formats.ts";
import type { ExportedFile, ExportedRun } from "../../../node/make/export/export-run.ts";
import { note, type Remark, warning } from "../../output/report.ts";
import { signerWords } from "../../verdict/verify-text.ts";
import type { ExportedFileFacts, VerifyCommandFacts } from "./export-results.ts";
import type { PlacedExport } from "./verify-commands.ts";

/** An attacker who changes the evidence changes the key beside it too. */
const KEY_NOTE =
  "\nThe public keys beside the evidence prove nothing by themselves: give the exporter's fingerprint to others in another way.\n";

/** What was written, by whom, and how others verify it. */
export function exportedText(
  exported: PlacedExport,
  commands: readonly VerifyCommandFacts[],
  root: string,
): string {
  const { bundle, exporter, files, folder } = exported;
  const names = files.map(({ name }) => `files      ${quoteIfNeeded(`${folder}/${name}`)}\n`);
  const lines = commands.map(({ command, format }) => `\n# ${format}\n${printable(command)}\n`);
  const fingerprint = exporter === undefined ? "" : `exporter   ${exporter.fingerprint}\n`;
  return (
    `${bundleLines(countOf(bundle.outputs.length, "file"), bundle)}${fingerprint}${names.join("")}` +
    `\nOthers verify it with these lines, in the folder where the run's paths begin (here ${quoteIfNeeded(root)}):\n` +
    lines.join("") +
    (exporter === undefined ? "" : KEY_NOTE)
  );
}

/** What was judged, and who signed the verdict. */
export function verdictText(bundle: VerifiedBundle, exporter: SignerIdentity, file: string): string {
  return (
    bundleLines("the verdict", bundle) +
    `exporter   ${exporter.fingerprint}\nfile       ${quoteIfNeeded(file)}\n`
  );
}

function bundleLines(what: string, { bundleRoot, runId, signer }: VerifiedBundle): string {
  return (
    `exported   ${what} of run ${quoteIfNeeded(runId)}\n` +
    `hash       ${bundleRoot}\n` +
    `sealed by  ${signerWords(signer, undefined)}\n`
  );
}

/** One file, for a program. */
export function fileFacts({ content, name, sha256 }: ExportedFile): ExportedFileFacts {
  return { name, bytes: content.length, sha256 };
}

/** What a reader must know besides. */
export function exportRemarks(
  { bundle, source }: ExportedRun,
  formats: readonly ExportFormat[],
): readonly Remark[] {
  const remarks: Remark[] = [];
  if (source === "store") {
    remarks.push(note("the files here are not as they were sealed: this is about what the store holds"));
  }
  if (formats.includes("link") && bundle.outputs.length > MAX_REQUIRED) {
    const message = `in-toto finds changed and added files of this run, but no missing ones: it has more than ${countOf(MAX_REQUIRED, "file")}`;
    remarks.push(note(message, "--format sums finds missing files too"));
  }
  const { tree } = bundle;
  const ends = formats.includes("link") && tree !== undefined ? unsealedEnds(tree, tree.files) : [];
  const [first] = ends;
  if (first !== undefined) {
    const others = ends.length > 1 ? ` and ${countOf(ends.length - 1, "other")}` : "";
    const message = `in-toto fails at a link that leads nowhere, and what these links lead to is not sealed: ${quote(first)}${others}`;
    remarks.push(warning(message, "hand over what they lead to as well, or choose another format"));
  }
  return remarks;
}
