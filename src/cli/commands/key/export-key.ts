/** `runseal key export`: the private key for a backup, as its file holds it, or the public half. @module */

import { resolve } from "node:path";
import { quoteIfNeeded } from "../../../core/internal.ts";
import { syncFolderOf } from "../../../node/files/durable-file.ts";
import { createFile } from "../../../node/files/placed-file.ts";
import { findKey, operationFault, type PublicForm, publicForms } from "../../../node/index.ts";
import { readKeyLine } from "../../../node/keys/key-file.ts";
import { reasonOf } from "../../../node/runtime/machine-reason.ts";
import { askConsent } from "../../../node/sign/ask-consent.ts";
import { givenFlag, UsageError } from "../../options/usage-error.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import type { KeyExportResult } from "./key-results.ts";

/** The options as parsed. */
export interface KeyExportOptions {
  readonly public?: true | undefined;
  readonly format?: PublicForm | "ssh" | undefined;
  readonly out?: string | undefined;
  readonly yes?: true | undefined;
  readonly json?: true | undefined;
}

/** Only its owner reads a private key. */
const MODE = 0o600;

/** Exports the named key, else the only one. Throws usage errors. */
export async function runKeyExport(
  name: string | undefined,
  options: KeyExportOptions,
  io: Io,
): Promise<Report> {
  const isPublic = options.public === true;
  const flag = givenFlag(options, isPublic ? ["--out", "--yes"] : ["--format"]);
  if (flag !== undefined)
    throw new UsageError(
      isPublic ? `${flag} is about a private key` : `${flag} is about the public half: add --public`,
    );
  if (!isPublic && options.out === undefined && (io.isOutTerminal || options.json === true))
    throw new UsageError(
      "a private key is not shown: -o FILE writes it to a new file that only you can read",
    );
  const key = findKey(io.environment, name);
  if (!key.ok) return operationReport(key);
  const { keyFile, name: found, shownFile } = key.value;
  if (isPublic) {
    const form = options.format === "ssh" ? "openssh" : (options.format ?? "runseal");
    const text = publicForms(key.value)[form];
    return doneReport<KeyExportResult>("exported", { name: found, [form.replace("-", "_")]: text }, text);
  }
  const read = readKeyLine(keyFile, shownFile);
  if (!read.ok) return operationReport(read);
  using line = read.value.line;
  const { isEncrypted } = read.value;
  const kept = isEncrypted
    ? "encrypted; it opens with its passphrase alone"
    : "not encrypted: every holder of it can sign as you";
  const shown = `the private key ${quoteIfNeeded(found)} is ${kept}\n`;
  if (options.yes !== true) {
    const question = `Export ${quoteIfNeeded(found)}? yes or no: `;
    const answer = options.json === true ? "no-terminal" : await askConsent(shown, question, io.signal);
    if (answer === "no-terminal")
      throw new UsageError(`${shown}nothing was exported: --yes exports it without asking`);
    if (answer === "no") return operationReport(operationFault("DECLINED"));
  }
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
