import { PRIVATE } from "../../support/canaries.ts";
import { BUNDLE } from "../../support/cli.ts";
import { drop, put, type Way } from "./way.ts";

/** Calls that are not understood, in words that say what is wrong. */
const WRONG: readonly (readonly string[])[] = [
  ["frobnicate"],
  ["--frobnicate"],
  ["key"],
  ["chain"],
  ["key", "frobnicate"],
  ["init", "extra"],
  ["init", "--name"],
  ["key", "list", "extra"],
  ["key", "show", "a", "b"],
  ["seal"],
  ["seal", "out", "--id"],
  ["seal", "out", "--frobnicate"],
  ["seal", "out", "--names", "any"],
  ["verify", "a", "b"],
  ["verify", "a", "--root"],
  ["verify", "a", "--progress"],
  ["verify", "a", "--progress", "many"],
  ["chain", "verify", "--progress", "many"],
  ["seal", "out", "--progress", "many"],
  ["restore", "a", "--to", "x", "--progress", "many"],
  ["verify", "a", "--any-signer", "--trust", "x"],
  ["verify", "a", "--jobs", "0"],
  ["verify", "a", "--jobs", "-1"],
  ["verify", "a", "--jobs", "many"],
  ["verify", "a", "--jobs", "2.5"],
  ["verify", "a", "--jobs", "1025"],
  ["verify", "a", "--jobs"],
  ["verify", "a", "--junit"],
  ["verify", "a", "--junit", "x", "--report-html", "./x"],
  ["report", "a", "b"],
  ["chain", "verify", "a", "--jobs", "0"],
  ["chain", "verify", "--jobs", "many"],
  ["seal", "out", "--jobs", "0"],
  ["restore", "a", "--to", "x", "--jobs", "-1"],
  ["chain", "verify", "a", "--expect-chain-root", "x"],
  ["log", "one", "extra"],
  ["log", "--limit", "0"],
  ["show", "a", "b"],
  ["diff", "a"],
  ["diff", "a", "b", "c"],
  ["restore", "a"],
  ["restore"],
  ["restore", "a", "--to", "x", "--only"],
  ["restore", "a", "--to", "x", "--chain", "--expect-chain-root", "x"],
  ["restore", "a", "--to", "x", "--expect-chain-root", "0".repeat(64)],
  ["restore", "a", "--to", "x", "--chain", "--expect-root", "0".repeat(64)],
  ["restore", "a", "b", "--to", "x", "--expect-id", "a"],
  ["verify", "a", "--expect-root", "x"],
  ["recover"],
  ["recover", "a", "b"],
  ["undo"],
  ["undo", "a", "b"],
  ["page"],
  ["page", "-o"],
  ["page", "-o", "a.html", "b.html"],
  ["explain"],
  ["explain", "OK", "OK"],
  ["prove"],
  ["completion"],
  ["completion", "tcsh"],
  ["status", "extra"],
  ["doctor", "extra"],
  ["log", "--color"],
  ["log", "--color", "sometimes"],
];

/** Words that are near to others, and what is asked about them. */
const MEANT = {
  "vrify x": "verify",
  "verify x --exat": "--exact",
  "key pasword": "passwd",
  list: "runseal key list or runseal trust list",
  passwd: "runseal key passwd",
} as const;

const KEY = "7f3969b39553cc2cb0146bcae5c130fd68cccb7a1daa19a57bb51c5c79efed96";

function forgetting(option: string, value: string): Way {
  return {
    what: `forget ${option} ${value}`,
    args: ["forget", "--in-project", option, value],
    code: "USAGE",
  };
}

/** Calls that are not understood. */
export const USAGE_WAYS: readonly Way[] = [
  ...WRONG.map((args) => ({
    what: `usage: runseal ${args.join(" ")}`,
    args,
    code: "USAGE",
    // Nothing is near these words.
    hint: /^(?!.*did you mean)[\s\S]*runseal COMMAND --help/,
  })),
  ...Object.entries(MEANT).map(([line, meant]) => ({
    what: `${meant} misspelled`,
    args: line.split(" "),
    code: "USAGE",
    hint: new RegExp(`^did you mean ${meant}\\?$`, "m"),
  })),
  { what: "only an option, and no command", args: ["--no-color"], code: "USAGE" },
  { what: "any signer and a key", args: ["verify", BUNDLE, "--any-signer", "--signer", KEY], code: "USAGE" },
  { what: "exact and stored", args: ["verify", BUNDLE, "--exact", "--stored"], code: "USAGE" },
  ...["0", "x"].map((count) => forgetting("--keep-last", count)),
  ...["30", "0d", "1y"].map((time) => forgetting("--keep-within", time)),
  // stdout has the answer.
  ...[
    ["report", BUNDLE, "-o"],
    ["verify", BUNDLE, "--report-html"],
    ["verify", BUNDLE, "--junit"],
  ].map((words) => ({ what: `${words[0]} ${words[2]} to stdout`, args: [...words, "-"], code: "USAGE" })),
  { what: "an unknown option", args: ["verify", BUNDLE, "--nope"], code: "USAGE" },
  {
    what: "verify outside of a project",
    args: ["verify"],
    arrange: drop(".runseal"),
    code: "PROJECT_NOT_FOUND",
    hint: /^(?![\s\S]*taken for)/,
  },
  {
    what: "verify of a name outside of a project",
    args: ["verify", "release"],
    arrange: drop(".runseal"),
    code: "PROJECT_NOT_FOUND",
    hint: /^no file or folder here is named "release", so that is taken for the id of a run$/m,
  },
  {
    what: "two kinds of trust",
    args: ["verify", BUNDLE, "--any-signer", "--trust", "trust"],
    arrange: put("trust", PRIVATE.content),
    code: "USAGE",
  },
  {
    what: "an invalid expected root",
    args: ["chain", "verify", BUNDLE, "--expect-chain-root", "x"],
    code: "USAGE",
  },
  { what: "an unknown code", args: ["explain", "NOPE"], code: "USAGE" },
  {
    what: "an invalid time of sealing",
    args: ["seal", "out"],
    env: { SOURCE_DATE_EPOCH: PRIVATE.variable },
    code: "USAGE",
  },
  { what: "a signer that is no key", args: ["verify", BUNDLE, "--signer", "x"], code: "SIGNER_NOT_A_KEY" },
];
