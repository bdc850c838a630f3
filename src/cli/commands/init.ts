/** `runseal init`: a signing key and a trust file for oneself. @module */

import { type MadeKey, makeOwnKey, trustLine } from "../../node/index.ts";
import type { Io } from "../io.ts";
import type { Report } from "../report.ts";
import { operationReport } from "../text/operation-text.ts";

/** The options as parsed. */
export interface InitOptions {
  readonly name: string;
}

/** Makes a key. Never overwrites one. */
export function runInit(options: InitOptions, io: Io): Report {
  const made = makeOwnKey(io.environment, options.name);
  return made.ok ? madeReport(made.value) : operationReport(made);
}

function madeReport(made: MadeKey): Report {
  const { keyFile, name, publicFile, publicKeyHex, trustFile } = made;
  return {
    facts: {
      ok: true,
      code: "OK",
      message: "made a key",
      details: {},
      name,
      public_key: publicKeyHex,
      key_file: keyFile,
      public_file: publicFile,
      trust_file: trustFile,
      exit_code: 0,
    },
    text:
      `private key  ${keyFile}   keep it to yourself\n` +
      `public key   ${publicFile}\n` +
      `trust file   ${trustFile}   you now trust yourself\n` +
      "\nGive this line to whoever is to verify what you seal, for their trust file:\n\n" +
      `    ${trustLine(name, publicKeyHex)}\n`,
  };
}
