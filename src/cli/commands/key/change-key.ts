/** `runseal key passwd`, `runseal key default` and `runseal key rm`: what changes a key that is there. @module */

import { quoteIfNeeded } from "../../../core/internal.ts";
import { changePassphrase } from "../../../node/keys/create/keep-imported-key.ts";
import { findRemovable, removeOwnKey } from "../../../node/keys/create/remove-key.ts";
import { writeDefaultKey } from "../../../node/keys/default-key.ts";
import { findKey, findNamed } from "../../../node/keys/find-key.ts";
import { listKeys } from "../../../node/keys/key-store.ts";
import { operationFault } from "../../../node/system/runtime/operation-fault.ts";
import { type ConsentOptions, confirmed } from "../../options/confirmed.ts";
import { cliPassphrases, newPassphrases } from "../../options/passphrases.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, note, type Report } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";
import type { KeyPasswdResult, NamedKeyResult } from "./key-results.ts";
import { passwdText, removalText } from "./key-text.ts";
import type { NewKeyOptions } from "./make-key.ts";

/** Changes the passphrase of the named key, else of the only one. */
export async function runKeyPasswd(
  name: string | undefined,
  options: Pick<NewKeyOptions, "passphrase">,
  io: Io,
): Promise<Report> {
  const key = findKey(io.environment, name);
  if (!key.ok) return operationReport(key);
  const changed = await changePassphrase(key.value, {
    oldPassphrases: cliPassphrases(io),
    newPassphrases: options.passphrase ? newPassphrases(io) : undefined,
    signal: io.signal,
  });
  if (!changed.ok) return operationReport(changed);
  const isEncrypted = changed.value;
  const { keyFile, name: found } = key.value;
  return doneReport<KeyPasswdResult>(
    "changed",
    { name: found, key_file: keyFile, encrypted: isEncrypted },
    passwdText(found, isEncrypted),
  );
}

/** Chooses the default key, or shows which one signs now. */
export async function runKeyDefault(wanted: string | undefined, io: Io): Promise<Report> {
  const { environment, signal } = io;
  if (wanted === undefined) {
    const key = findKey(environment, undefined);
    return key.ok ? defaultReport(key.value.name, "shown") : operationReport(key);
  }
  const keys = listKeys(environment);
  if (!keys.ok) return operationReport(keys);
  const key = findNamed(keys.value, wanted);
  if (!key.ok) return operationReport(key);
  const written = await writeDefaultKey(environment, key.value.name, signal);
  return written.ok ? defaultReport(key.value.name, "changed") : operationReport(written);
}

function defaultReport(name: string, message: "shown" | "changed"): Report {
  return doneReport<NamedKeyResult>(
    message,
    { name },
    message === "shown" ? `${quoteIfNeeded(name)}\n` : `${quoteIfNeeded(name)} signs where no key is named\n`,
  );
}

/** Removes the private key and its public file, if the user confirms it. The trust line stays. Throws a UsageError. */
export async function runKeyRemove(name: string, options: ConsentOptions, io: Io): Promise<Report> {
  const found = findRemovable(io.environment, name);
  if (!found.ok) return operationReport(found);
  const question = `Remove ${quoteIfNeeded(name)} for good?`;
  if (!(await confirmed(removalText(name, found.value), question, options, io)))
    return operationReport(operationFault("DECLINED"));
  const removed = await removeOwnKey(io.environment, name, io.signal);
  if (!removed.ok) return operationReport(removed);
  return doneReport<NamedKeyResult>("removed", { name }, `removed the key ${quoteIfNeeded(name)}\n`, {
    remarks: [
      note(
        "your trust file still trusts what the key sealed",
        `if the key may have been stolen: runseal trust revoke ${shellWord(name)}`,
      ),
    ],
  });
}
