/** What the key commands print on success. @module */

import { quote, quoteIfNeeded } from "../../../core/internal.ts";
import type { MadeKey } from "../../../node/keys/create/place-key.ts";
import type { RemovableKey } from "../../../node/keys/create/remove-key.ts";
import type { KeyFolderFindings } from "../../../node/keys/key-folder.ts";
import { trustLine } from "../../../node/keys/key-store.ts";
import { secretMemory } from "../../../node/keys/secret-bytes.ts";
import { type Remark, warning } from "../../output/report.ts";
import { shellWord } from "../../text/shell-word.ts";

/** How a private key is kept, in a column of its own. */
export function keptWords(isEncrypted: boolean | undefined): string {
  if (isEncrypted === undefined) return "not readable";
  return isEncrypted ? "encrypted" : "not encrypted";
}

/** What was made, and what to do with it. */
export function madeText(made: MadeKey): string {
  const { isEncrypted, keyFile, name, publicFile, publicKeyHex, trustFile } = made;
  const kept = isEncrypted ? "encrypted with your passphrase" : "not encrypted: keep it to yourself";
  return (
    (made.isFinished ? "finished the key that was there\n" : "") +
    `private key  ${keyFile}   ${kept}\n` +
    `public key   ${publicFile}\n` +
    `trust file   ${trustFile}   you now trust yourself\n` +
    `${memoryLine()}` +
    "\nGive this line to the people who verify what you seal. It belongs in their trust file:\n\n" +
    `    ${trustLine(name, publicKeyHex)}\n`
  );
}

/** What `passwd` did. */
export function passwdText(name: string, isEncrypted: boolean): string {
  return isEncrypted
    ? `${name} has a new passphrase; copies of the old key file still open with the old one\n`
    : `${name} is not encrypted any more: keep its file to yourself\n`;
}

/** What is lost with a key, before it is removed. The first line alone says which key it is. */
export function removalText(name: string, { isDefault, isOnly }: RemovableKey): string {
  const kind = isOnly ? ", your only key" : isDefault ? ", your default key" : "";
  return (
    `${quoteIfNeeded(name)}${kind}: nothing brings a removed private key back\n` +
    (isOnly ? "without it you can't seal, until you make another key that others must trust anew\n" : "") +
    (isDefault && !isOnly ? "another key does not take its place: runseal key default chooses one\n" : "")
  );
}

/** Warnings about the folder of keys. File names in it are untrusted: they are quoted. */
export function keyFolderRemarks({
  leftovers,
  mismatched,
  unfinished,
}: KeyFolderFindings & { readonly mismatched: readonly string[] }): readonly Remark[] {
  return [
    ...unfinished.map((name) =>
      warning(
        `the key ${quote(name)} has no public file`,
        `runseal init --name ${shellWord(name)} writes it again, and the trust line if it is missing`,
      ),
    ),
    ...mismatched.map((name) =>
      warning(
        `the public file of ${quote(name)} is that of another key`,
        `runseal init --name ${shellWord(name)} writes it again from the private key`,
      ),
    ),
    ...leftovers.map((file) =>
      warning(
        `${quote(file)} in the folder of keys is not a key's file, and may hold a private key`,
        leftoverHint(file),
      ),
    ),
  ];
}

function leftoverHint(file: string): string {
  const locked = /^\.(.+)\.key\.lock(?:-[0-9a-f-]{36})?$/.exec(file)?.[1];
  return locked === undefined
    ? "if you did not put it there, overwrite and remove it: shred -u"
    : `if no command is running, runseal key passwd ${shellWord(locked)} or runseal key new ${shellWord(locked)} removes it`;
}

/** A warning, if secret memory is not locked. */
function memoryLine(): string {
  return secretMemory() === "guarded"
    ? ""
    : "memory       libsodium can't be loaded here: keys in use may be swapped to disk\n";
}
