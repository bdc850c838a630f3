/** Words about passphrases: what a terminal is asked, and what went wrong. @module */

import { quote } from "../../core/internal.ts";
import type { OperationCode, OperationDetails, PassphrasePrompt } from "../../node/index.ts";

/** The codes that are about a passphrase and no file. */
type PassphraseCode = Extract<OperationCode, `PASSPHRASE_${string}`>;

/** What stands on the terminal before somebody types. */
export function passphrasePrompt(prompt: PassphrasePrompt, key: string): string {
  switch (prompt) {
    case "open":
      return `Passphrase for ${quote(key)}: `;
    case "new":
      return `New passphrase for ${quote(key)}: `;
    case "again":
      return "The same again: ";
  }
}

/** One sentence for a passphrase that can't be had. */
export function passphraseMessage(code: PassphraseCode, { names = [] }: OperationDetails): string {
  const from = names.length === 0 ? "" : ` (${names.join(", ")})`;
  switch (code) {
    case "PASSPHRASE_MISSING":
      return "a passphrase is needed, and there is no terminal to ask on";
    case "PASSPHRASE_EMPTY":
      return `the passphrase is empty${from}`;
    case "PASSPHRASE_TOO_LONG":
      return `the passphrase has more than 1024 bytes${from}`;
    case "PASSPHRASE_AMBIGUOUS":
      return `several variables give a passphrase: ${names.join(", ")}`;
    case "PASSPHRASE_MISMATCH":
      return "the new passphrase was not the same twice";
    case "PASSPHRASE_UNREADABLE":
      return `the passphrase could not be read${from}`;
  }
}
