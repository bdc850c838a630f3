// What a job tells GitLab, and any other CI system: a file of variables for later jobs, and lines in the log.
import { openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { printable } from "../dist/core/index.js";
import { InputMistake } from "./inputs.mjs";

/** Values that a dotenv file can hold: it has no quotes. */
const PLAIN = /^[A-Za-z0-9._:@+/-]{1,200}$/;

/** The runner of GitLab. INPUT_DOTENV names the file. `write` prints on stdout. */
export function gitlabRunner(env, write) {
  let dotenv;
  let isLineEnd = true;
  return {
    findBundle,
    begin: () => {
      if (env.INPUT_DOTENV) dotenv = openNew(env.INPUT_DOTENV);
    },
    passOn: (text) => {
      if (text !== "") isLineEnd = text.endsWith("\n");
      write(text);
    },
    fail: (message) => write(`${isLineEnd ? "" : "\n"}error: ${printable(message)}\n`),
    end: (facts) => {
      if (dotenv !== undefined) writeSync(dotenv, dotenvOf(facts));
    },
  };
}

/** The only unsigned bundle of the files to sign, or the one that the sign job signed. */
function findBundle({ INPUT_FILES, INPUT_MODE, INPUT_ROOT, RUNSEAL_BUNDLE = "" }) {
  if (INPUT_MODE === "verify") return RUNSEAL_BUNDLE;
  if (INPUT_MODE !== "sign") return "";
  const folder = join(INPUT_FILES || INPUT_ROOT || ".", ".runseal/unsigned");
  const found = namesIn(folder);
  if (found.length > 1) throw new InputMistake(`the mode sign needs bundle: ${folder} has ${found.length}`);
  return found.map((name) => join(folder, name)).join("");
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch ({ code }) {
    if (code === "ENOENT") return [];
    throw new InputMistake(`${folder} can't be read: ${code}`);
  }
}

/** Makes a file, never through what is there, before anything is signed. */
function openNew(path) {
  try {
    return openSync(path, "wx");
  } catch ({ code }) {
    throw new InputMistake(`${path} can't be made: ${code}`);
  }
}

function dotenvOf({ bundle_root, code, folder, run_id }) {
  const values = {
    RUNSEAL_BUNDLE_ROOT: bundle_root,
    RUNSEAL_RUN_ID: run_id,
    RUNSEAL_BUNDLE: folder,
    RUNSEAL_CODE: code,
  };
  return Object.entries(values)
    .filter(([, value]) => typeof value === "string" && PLAIN.test(value))
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
