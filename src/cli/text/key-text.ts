/** What the key commands say when all is well. @module */

import { type MadeKey, secretMemory, trustLine } from "../../node/index.ts";

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
    `private key  ${keyFile}   ${kept}\n` +
    `public key   ${publicFile}\n` +
    `trust file   ${trustFile}   you now trust yourself\n` +
    `${memoryLine()}` +
    "\nGive this line to whoever is to verify what you seal, for their trust file:\n\n" +
    `    ${trustLine(name, publicKeyHex)}\n`
  );
}

/** What `passwd` did. */
export function passwdText(name: string, isEncrypted: boolean): string {
  return isEncrypted
    ? `${name} has a new passphrase; copies of the old key file still open with the old one\n`
    : `${name} is not encrypted any more: keep its file to yourself\n`;
}

/** Only where the promise is the weaker one. */
function memoryLine(): string {
  return secretMemory() === "guarded"
    ? ""
    : "memory       libsodium can't be loaded here: keys in use may be swapped to disk\n";
}
