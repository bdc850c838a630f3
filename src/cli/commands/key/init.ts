/** `runseal init` and `runseal key new`: a signing key and a trust file for oneself. @module */

import { type MadeKey, makeOwnKey, ownKeyName } from "../../../node/index.ts";
import { cliPassphrases } from "../../options/passphrases.ts";
import { trustEditReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { madeText } from "./key-text.ts";

/** How a new key is to be kept. */
export interface NewKeyOptions {
  /** False for `--no-passphrase`. */
  readonly passphrase: boolean;
  readonly force?: true | undefined;
}

/** The options as parsed. */
export interface InitOptions extends NewKeyOptions {
  /** Default: the user's name. */
  readonly name?: string | undefined;
}

/** Makes a key, or with `finish` completes an unfinished one; encrypted unless `--no-passphrase` is given. */
export async function runInit(options: InitOptions, io: Io, finish: boolean): Promise<Report> {
  const made = await makeOwnKey(io.environment, {
    name: options.name ?? ownKeyName(io.environment),
    passphrases: options.passphrase ? cliPassphrases(io) : undefined,
    openPassphrases: cliPassphrases(io),
    finish,
    replace: options.force === true,
    signal: io.signal,
  });
  if (!made.ok) return trustEditReport(made);
  return madeReport(made.value, made.value.isFinished ? "finished a key" : "made a key");
}

/** The end of a command that made a key. */
export function madeReport(made: MadeKey, message: string): Report {
  const { isEncrypted, isFinished, keyFile, name, publicFile, publicKeyHex, trustFile } = made;
  return {
    facts: {
      ok: true,
      code: "OK",
      message,
      details: {},
      name,
      public_key: publicKeyHex,
      key_file: keyFile,
      public_file: publicFile,
      trust_file: trustFile,
      encrypted: isEncrypted,
      finished: isFinished,
      exit_code: 0,
    },
    text: madeText(made),
  };
}
