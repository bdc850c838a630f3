/** Passphrases as the command line takes them: from the variables, else from the terminal. @module */

import { quote } from "../../core/internal.ts";
import type { SignerSurroundings } from "../../node/keys/open-signer.ts";
import {
  type PassphrasePrompt,
  type Passphrases,
  passphrasesFrom,
} from "../../node/keys/passphrase/passphrase.ts";
import type { Io } from "../output/io.ts";

/** For the one passphrase of a command. `variables`: what their names begin with, where it is not the usual. */
export function cliPassphrases(io: Io, variables?: string): Passphrases {
  const { environment, signal } = io;
  const named = variables === undefined ? {} : { variables };
  return passphrasesFrom({ environment, signal, prompt: passphrasePrompt, ...named });
}

/** For the second passphrase of a command that has two: the one that a key is to have from now on. */
export function newPassphrases(io: Io): Passphrases {
  return cliPassphrases(io, "RUNSEAL_NEW_PASSPHRASE");
}

/** What opening a signer needs of the world. */
export function signerSurroundings(io: Io): SignerSurroundings {
  return { environment: io.environment, passphrases: cliPassphrases(io), signal: io.signal };
}

/** The prompt on the terminal. */
function passphrasePrompt(prompt: PassphrasePrompt, key: string): string {
  if (prompt === "again") return "The same again: ";
  return `${prompt === "open" ? "Passphrase" : "New passphrase"} for ${quote(key)}: `;
}
