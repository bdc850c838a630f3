// The inputs of the action: variables with names that begin with INPUT_, as action.yml and templates/runseal.yml set them.

/** What each mode takes. Another input that is not empty is a mistake, and a key would be a dangerous one. */
const TAKEN = {
  run: ["PROJECT", "PATHS", "ID", "COMMAND", "SCRATCH", "SOURCES"],
  seal: ["PROJECT", "PATHS", "ID"],
  sign: ["PROJECT", "BUNDLE", "FILES", "KEY", "PASSPHRASE", "SIGNER_COMMAND", "SIGNER_KEY", "TSA", "DOTENV"],
  verify: [
    "BUNDLE",
    "FILES",
    "TRUST",
    "SIGNERS",
    "EXPECT",
    "EXPECT_ID",
    "EXACT",
    "REQUIRE_TIMESTAMP",
    "JUNIT",
    "REPORT",
  ],
};

/** What a mode can't do without. */
const NEEDED = {
  run: ["PATHS", "COMMAND"],
  seal: ["PATHS"],
  sign: ["BUNDLE"],
  verify: ["BUNDLE"],
};

const NAMES = [...new Set(Object.values(TAKEN).flat())];

/** A mistake in the inputs, in words for the person who wrote the workflow. */
export class InputMistake extends Error {}

/**
 * Reads the inputs. Throws an InputMistake. GitLab has no secrets beside variables of the job: INPUT_KEY_VARIABLE and
 * INPUT_PASSPHRASE_VARIABLE name those that hold them. `findBundle` gives the bundle where none is named.
 */
export function readInputs(given, findBundle) {
  const named = (name) => given[given[name] ?? ""] ?? "";
  const env = {
    ...given,
    INPUT_KEY: given.INPUT_KEY || named("INPUT_KEY_VARIABLE"),
    INPUT_PASSPHRASE: given.INPUT_PASSPHRASE || named("INPUT_PASSPHRASE_VARIABLE"),
    INPUT_BUNDLE: given.INPUT_BUNDLE || findBundle(given),
  };
  return checkInputs(env);
}

function checkInputs(env) {
  const mode = env.INPUT_MODE ?? "";
  if (!Object.hasOwn(TAKEN, mode)) throw new InputMistake("mode is run, seal, sign or verify");
  const given = NAMES.filter((name) => !["", "false", undefined].includes(env[`INPUT_${name}`]));
  for (const name of given) {
    if (TAKEN[mode].includes(name)) continue;
    const others = Object.keys(TAKEN).filter((other) => TAKEN[other].includes(name));
    const why =
      name === "KEY" || name === "PASSPHRASE" ? ": a job that runs other code must not have it" : "";
    throw new InputMistake(
      `${inputName(name)} belongs to the mode ${others.join(" or ")}, not to ${mode}${why}`,
    );
  }
  for (const name of NEEDED[mode])
    if (!given.includes(name)) throw new InputMistake(`the mode ${mode} needs ${inputName(name)}`);
  if (mode === "sign" && given.includes("KEY") === given.includes("SIGNER_COMMAND"))
    throw new InputMistake("the mode sign needs a key or a signer-command, and not both");
  const text = (name) => env[`INPUT_${name}`] ?? "";
  return {
    mode,
    text,
    lines: (name) =>
      text(name)
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== ""),
    flag: (name) => flagOf(name, text(name)),
  };
}

function flagOf(name, value) {
  if (value === "true") return true;
  if (value === "" || value === "false") return false;
  throw new InputMistake(`${inputName(name)} is true or false`);
}

function inputName(name) {
  return name.toLowerCase().replaceAll("_", "-");
}
