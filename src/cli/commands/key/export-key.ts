/** `runseal key export`: the private key for a backup, as its file holds it, or the public half. @module */

import { resolve } from "node:path";
import { quoteIfNeeded } from "../../../core/internal.ts";
import { findKey } from "../../../node/keys/find-key.ts";
import { readKeyLine } from "../../../node/keys/key-file.ts";
import { type PublicForm, publicForms } from "../../../node/keys/public-forms.ts";
import { syncFolderOf } from "../../../node/system/files/durable-file.ts";
import { createFile } from "../../../node/system/files/placed-file.ts";
import { reasonOf } from "../../../node/system/runtime/machine-reason.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { type ConsentOptions, confirmed } from "../../options/confirmed.ts";
import { UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import type { KeyExportResult } from "./key-results.ts";

/** The options as parsed. */
export interface KeyExportOptions extends ConsentOptions {
  /** The public half, in this form. */
  readonly format?: PublicForm | undefined;
  readonly out?: string | undefined;
}

/** Only its owner reads a private key. */
const MODE = 0o600;

/** Exports the named key, else the only one. Throws usage errors. */
export async function runKeyExport(
  name: string | undefined,
  options: KeyExportOptions,
  io: Io,
): Promise<Report> {
  const { format } = options;
  if (format === undefined && options.out === undefined && (io.isOutTerminal || options.json === true))
    throw new UsageError(
      "a private key is not shown: -o FILE writes it to a new file that only you can read",
    );
  const key = findKey(io.environment, name);
  if (!key.ok) return operationReport(key);
  const { keyFile, name: found, shownFile } = key.value;
  if (format !== undefined) {
    const text = publicForms(key.value)[format];
    return doneReport<KeyExportResult>("exported", { name: found, [format.replace("-", "_")]: text }, text);
  }
  const read = readKeyLine(keyFile, shownFile);
  if (!read.ok) return operationReport(read);
  using line = read.value.line;
  const { isEncrypted } = read.value;
  const kept = isEncrypted
    ? "encrypted; it opens with its passphrase alone"
    : "not encrypted: every holder of it can sign as you";
  const shown = `the private key ${quoteIfNeeded(found)} is ${kept}\n`;
  if (!(await confirmed(shown, `Export ${quoteIfNeeded(found)}?`, options, io)))
    return operationReport(operationFault("DECLINED"));
  const { out } = options;
  const facts = { name: found, encrypted: isEncrypted, key_file: out ?? null };
  if (out === undefined) {
    await line.use((bytes) => io.writeBytes(bytes));
    return doneReport<KeyExportResult>("exported", facts, "");
  }
  try {
    const path = resolve(io.cwd, out);
    line.use((bytes) => createFile(path, bytes, MODE));
    syncFolderOf(path);
  } catch (thrown) {
    return operationReport(operationFault("WRITE_FAILED", { path: out, reason: reasonOf(thrown) }));
  }
  return doneReport<KeyExportResult>(
    "exported",
    facts,
    `exported ${quoteIfNeeded(out)}, ${isEncrypted ? "encrypted" : "not encrypted"}\n`,
  );
}
