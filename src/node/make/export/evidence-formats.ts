/**
 * The formats of evidence, and which of them express a run.
 *
 * @module
 */

import {
  isBsdName,
  isInspectionFile,
  isOwnSubject,
  isSumsName,
  type RunEvidence,
} from "../../../core/internal.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";

/** The formats that `exportRun` writes. */
export const EXPORT_FORMATS = ["sums", "sshsig", "minisign", "signify", "dsse", "sigstore", "link"] as const;

/** One of them. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What a statement claims: the link of a run, or SLSA provenance. */
export type ExportPredicate = "link" | "slsa";

/** Names that a fault lists. It counts the others. */
const MAX_NAMES = 20;

/** Whether a format is signed. */
export function isSigned(format: ExportFormat): boolean {
  return format !== "sums";
}

/** Whether a format has a statement, and so a predicate. */
export function hasStatement(format: ExportFormat): boolean {
  return format === "dsse" || format === "sigstore";
}

/** Bytes that a file's name may have on the file systems of Linux. */
const MAX_NAME_BYTES = 255;

/** How the file that is named after the run ends, for formats that have one. */
const RUN_FILES: Readonly<Partial<Record<ExportFormat, string>>> = {
  dsse: ".intoto.jsonl",
  sigstore: ".sigstore.json",
  link: ".layout",
};

/** The file of a format that is named after the run; undefined where none is. */
export function runFileName(format: ExportFormat, runId: string): string | undefined {
  const ending = RUN_FILES[format];
  return ending && `${runId}${ending}`;
}

/** Refuses names that no disk takes: EXPORT_REFUSED {path, format}, where `format` is absent if it is the folder. */
export function checkFileNames(
  folderName: string,
  runId: string,
  formats: readonly ExportFormat[],
): OperationFault | undefined {
  if (Buffer.byteLength(folderName) > MAX_NAME_BYTES)
    return operationFault("EXPORT_REFUSED", { reason: "name-too-long", path: folderName });
  for (const format of formats) {
    const path = runFileName(format, runId);
    if (path !== undefined && Buffer.byteLength(path) > MAX_NAME_BYTES)
      return operationFault("EXPORT_REFUSED", { reason: "name-too-long", path, format });
  }
  return undefined;
}

/**
 * Says why a run can't be expressed in a format. EXPORT_REFUSED: a list of no files is malformed to the tools that read it.
 * EXPORT_REFUSED {format, names, more}: the format has no way to write such a name, or gives it another meaning.
 * EXPORT_REFUSED: SLSA provenance says how something was built, and a seal without a command does not know.
 */
export function checkFormats(
  evidence: RunEvidence,
  formats: readonly ExportFormat[],
  predicate: ExportPredicate,
): OperationFault | undefined {
  if (evidence.outputs.length === 0) return operationFault("EXPORT_REFUSED", { reason: "empty" });
  if (predicate === "slsa" && evidence.run === undefined)
    return operationFault("EXPORT_REFUSED", { reason: "no-command" });
  for (const format of formats) {
    const names: string[] = [];
    let count = 0;
    for (const path of pathsOf(evidence, format)) {
      if (expresses(format, path)) continue;
      if (names.length < MAX_NAMES) names.push(path);
      count++;
    }
    if (count > 0)
      return operationFault("EXPORT_REFUSED", { reason: "names", format, names, more: count - names.length });
  }
  return undefined;
}

/** The paths that a format speaks of. The layout of `link` lets sealed links be, and a verifier would write through one. */
function* pathsOf({ links, outputs }: RunEvidence, format: ExportFormat): Generator<string> {
  for (const { path } of outputs) yield path;
  if (format === "link") yield* links;
}

function expresses(format: ExportFormat, path: string): boolean {
  if (format === "signify") return isBsdName(path);
  if (format === "link") return !isInspectionFile(path);
  return isSumsName(path) && !(hasStatement(format) && isOwnSubject(path));
}
