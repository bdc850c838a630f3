/** `runseal key passwd`: another passphrase for a key, or none. @module */

import { changePassphrase, findKey } from "../../../node/index.ts";
import { cliPassphrases, newPassphrases } from "../../options/passphrases.ts";
import { operationReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import type { NewKeyOptions } from "./init.ts";
import { passwdText } from "./key-text.ts";

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
  return {
    facts: {
      ok: true,
      code: "OK",
      message: "changed",
      details: {},
      name: found,
      key_file: keyFile,
      encrypted: isEncrypted,
      exit_code: 0,
    },
    text: passwdText(found, isEncrypted),
  };
}
