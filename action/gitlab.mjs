// What a job tells GitLab, and any other CI system: a file of variables for later jobs, and lines in the log.
import { writeFileSync } from "node:fs";
import { printable } from "../dist/core/index.js";

/** Values that a dotenv file can hold: it has no quotes. */
const PLAIN = /^[A-Za-z0-9._:@+/-]{1,200}$/;

/** The runner of GitLab. INPUT_DOTENV names the file. `write` prints on stdout. */
export function gitlabRunner(env, write) {
  return {
    begin: () => {
      let isLineEnd = true;
      return {
        passOn: (text) => {
          if (text !== "") isLineEnd = text.endsWith("\n");
          write(text);
        },
        end: () => write(isLineEnd ? "" : "\n"),
      };
    },
    fail: (message) => write(`error: ${printable(message)}\n`),
    end: (mode, facts) => {
      if (env.INPUT_DOTENV) writeFileSync(env.INPUT_DOTENV, dotenvOf(mode, facts));
    },
  };
}

/** The folder has a name of its own for each kind of bundle: a job may need both. */
function dotenvOf(mode, { bundle_root, code, folder, run_id }) {
  const isUnsigned = mode === "run" || mode === "seal";
  const values = {
    RUNSEAL_BUNDLE_ROOT: bundle_root,
    RUNSEAL_RUN_ID: run_id,
    [isUnsigned ? "RUNSEAL_UNSIGNED" : "RUNSEAL_BUNDLE"]: folder,
    RUNSEAL_CODE: code,
  };
  return Object.entries(values)
    .filter(([, value]) => typeof value === "string" && PLAIN.test(value))
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
