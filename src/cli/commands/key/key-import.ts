/** `runseal key import FILE`: a key that OpenSSH or OpenSSL made becomes one of one's own. @module */

import { importOwnKey, ownKeyName } from "../../../node/index.ts";
import { cliPassphrases, newPassphrases } from "../../options/passphrases.ts";
import { trustEditReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { type InitOptions, madeReport } from "./init.ts";

/** Imports a key. The file stays as it is. */
export async function runKeyImport(file: string, options: InitOptions, io: Io): Promise<Report> {
  const made = await importOwnKey(io.environment, {
    file,
    filePassphrases: cliPassphrases(io),
    name: options.name ?? ownKeyName(io.environment),
    passphrases: options.passphrase ? newPassphrases(io) : undefined,
    replace: options.force === true,
    signal: io.signal,
  });
  return made.ok ? madeReport(made.value, "imported a key") : trustEditReport(made);
}
