/** `runseal init`, `runseal key new` and `runseal key import`: a signing key of one's own. @module */

import { makeOwnKey } from "../../../node/keys/create/create-key.ts";
import { defaultKeyName } from "../../../node/keys/create/default-key-name.ts";
import { importOwnKey } from "../../../node/keys/create/keep-imported-key.ts";
import type { MadeKey } from "../../../node/keys/create/place-key.ts";
import { cliPassphrases, newPassphrases } from "../../options/passphrases.ts";
import { trustEditReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import { doneReport, type Report } from "../../output/report.ts";
import type { MadeKeyResult } from "./key-results.ts";
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
    name: options.name ?? defaultKeyName(),
    passphrases: options.passphrase ? cliPassphrases(io) : undefined,
    openPassphrases: cliPassphrases(io),
    finish,
    replace: options.force === true,
    signal: io.signal,
  });
  if (!made.ok) return trustEditReport(made);
  return madeReport(made.value, made.value.isFinished ? "finished a key" : "made a key");
}

/** Imports a key. The file stays as it is. */
export async function runKeyImport(file: string, options: InitOptions, io: Io): Promise<Report> {
  const made = await importOwnKey(io.environment, {
    file,
    filePassphrases: cliPassphrases(io),
    name: options.name ?? defaultKeyName(),
    passphrases: options.passphrase ? newPassphrases(io) : undefined,
    replace: options.force === true,
    signal: io.signal,
  });
  return made.ok ? madeReport(made.value, "imported a key") : trustEditReport(made);
}

/** The end of a command that made a key. */
function madeReport(made: MadeKey, message: string): Report {
  const { isEncrypted, isFinished, keyFile, name, publicFile, publicKeyHex, trustFile } = made;
  return doneReport<MadeKeyResult>(
    message,
    {
      name,
      public_key: publicKeyHex,
      key_file: keyFile,
      public_file: publicFile,
      trust_file: trustFile,
      encrypted: isEncrypted,
      finished: isFinished,
    },
    madeText(made),
  );
}
