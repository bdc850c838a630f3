/** `runseal key show` and `list`: the user's own keys, public halves only. @module */

import { parsePublicKey, quoteIfNeeded } from "../../../core/internal.ts";
import { findKey } from "../../../node/keys/find-key.ts";
import { isKeyFileEncrypted } from "../../../node/keys/key-file.ts";
import { inspectKeyFolder, matchesPublicFile } from "../../../node/keys/key-folder.ts";
import { listKeys, type StoredKey, trustLine } from "../../../node/keys/key-store.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import type { KeyFacts, KeyListResult } from "./key-results.ts";
import { keptWords, keyFolderRemarks } from "./key-text.ts";

/** Lists all keys, and what else is in their folder: keys that are not finished, and what killed commands left. */
export async function runKeyList(io: Io): Promise<Report> {
  const keys = listKeys(io.environment);
  if (!keys.ok) return operationReport(keys);
  const found = inspectKeyFolder(io.environment);
  if (!found.ok) return operationReport(found);
  const facts = keys.value.map(keyFacts);
  const used = findKey(io.environment, undefined);
  const chosen = used.ok && facts.length > 1 ? used.value.name : undefined;
  const mismatched = await findMismatched(keys.value);
  const { leftovers, unfinished } = found.value;
  const none = "no keys yet; runseal init makes one\n";
  const lines = facts.map(
    ({ fingerprint, key_file, key_id, name }) =>
      `${key_id}  ${quoteIfNeeded(name)}  ${fingerprint}  ${quoteIfNeeded(key_file)}${name === chosen ? "  (default)" : ""}\n`,
  );
  return doneReport<KeyListResult>(
    "listed",
    { keys: facts, default_key: used.ok ? used.value.name : null, unfinished, mismatched, leftovers },
    lines.length === 0 ? none : lines.join(""),
    { remarks: keyFolderRemarks({ leftovers, mismatched, unfinished }) },
  );
}

/** Names of plain keys whose public file is that of another key. */
async function findMismatched(keys: readonly StoredKey[]): Promise<readonly string[]> {
  const matches = await Promise.all(keys.map(matchesPublicFile));
  return keys.filter((_, index) => matches[index] === false).map(({ name }) => name);
}

/** Shows one key: the named one, else the only one. */
export function runKeyShow(name: string | undefined, io: Io): Report {
  const key = findKey(io.environment, name);
  if (!key.ok) return operationReport(key);
  const facts = keyFacts(key.value);
  return doneReport<KeyFacts>(
    "shown",
    facts,
    `name          ${quoteIfNeeded(facts.name)}\n` +
      `key id        ${facts.key_id}\n` +
      `fingerprint   ${facts.fingerprint}\n` +
      `validator id  ${facts.validator_id}\n` +
      `public key    ${facts.public_key}\n` +
      `key file      ${quoteIfNeeded(facts.key_file)}\n` +
      `kept          ${keptWords(facts.encrypted ?? undefined)}\n` +
      `trust line    ${facts.trust_line}\n`,
  );
}

function keyFacts({ keyFile, name, publicKeyHex }: StoredKey): KeyFacts {
  const identity = parsePublicKey(publicKeyHex, nodeCrypto);
  if (identity === undefined) throw new TypeError("a stored key was parsed before");
  const { fingerprint, keyId, validatorId } = identity;
  const line = trustLine(name, publicKeyHex);
  return {
    name,
    key_id: keyId,
    validator_id: validatorId,
    fingerprint,
    public_key: publicKeyHex,
    key_file: keyFile,
    encrypted: isKeyFileEncrypted(keyFile) ?? null,
    trust_line: line,
  };
}
