import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE } from "../../../support/command/cli.ts";
import { drop, put, type Way } from "./way.ts";

/** Calls that are not understood, in words that say what is wrong. */
const SIGNER = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

const WRONG: readonly (readonly string[])[] = [
  ["frobnicate"],
  ["--frobnicate"],
  ["key"],
  ["key", "frobnicate"],
  ["init", "extra"],
  ["init", "--name"],
  ["key", "list", "extra"],
  ["key", "show", "a", "b"],
  ["seal"],
  ["seal", "out", "--id"],
  ["seal", "out", "--frobnicate"],
  ["seal", "out", "--names", "any"],
  ["verify", "a", "--files"],
  ["verify", "a", "--progress"],
  ["verify", "a", "--progress", "many"],
  ["verify", "--history", "--progress", "many"],
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
  ["verify", "a", "--junit", "x", "--report", "./x"],
  ["verify", "a", "b"],
  ["verify", "--history", "a", "--jobs", "0"],
  ["verify", "--history", "--jobs", "many"],
  ["seal", "out", "--jobs", "0"],
  ["restore", "a", "--to", "x", "--jobs", "-1"],
  ["verify", "--history", "a", "--expect", "x"],
  ["log", "one", "extra"],
  ["log", "--limit", "0"],
  ["show", "a", "b"],
  ["diff", "a", "./x", "b"],
  ["diff", "a", "b", "c"],
  ["restore", "a"],
  ["restore"],
  ["restore", "a", "--to", "x", "--only"],
  ["restore", "a", "--to", "x", "--history", "--expect", "x"],
  ["restore", "a", "--to", "x", "--history", "--expect-id", "a"],
  ["restore", "a", "--to", "x", "--history", "--failed"],
  ["restore", "a", "b", "--to", "x", "--expect-id", "a"],
  ["verify", "a", "--expect", "x"],
  ["recover"],
  ["recover", "a", "b"],
  ["undo", "--restored", "a", "--only", "b"],
  ["export", "--format", "page"],
  ["export", "--format", "page", "-o"],
  ["export", "one", "--format", "page", "-o", "a.html"],
  ["export", "--format", "page", "-o", "a.html", "--any-signer"],
  ["export", "--format", "page,sums", "-o", "a.html"],
  ["export", "one", "--format", "verdict"],
  ["export", "one", "--format", "verdict", "-o", "-"],
  ["export", "one", "--format", "sshsig"],
  ["export", "one", "--format", "all", "-o", "-"],
  ["export", "one", "--run", "one"],
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
/** Options of `sign` for an unsigned run alone, and for --counter. */
const OF_UNSIGNED = ["--here", "--no-keep", "--links=any", "--yes", "--jobs=1"];
const OF_COUNTER = [`--signer=${SIGNER}`, "--any-signer", "--require-timestamp"];

/** Options that do not go together, and values that no option takes. Most have hints of their own. */
const EXCLUDED: readonly (readonly string[])[] = [
  ["run"],
  ["run", "--"],
  ["run", "echo", "--", "x"],
  ["run", "--output", "--", "touch", "ran"],
  ["run", "--names", "any", "--", "touch", "ran"],
  ["run", "--env", "", "--", "touch", "ran"],
  ["run", "--env", "A=B", "--", "touch", "ran"],
  ["run", "--env", "RUNSEAL_NEW_PASSPHRASE", "--", "touch", "ran"],
  ["run", "--env", "RUNSEAL_PASSPHRASE_COMMAND", "--", "touch", "ran"],
  ["run", "--key", "exec:x", "--", "touch", "ran"],
  ["run", "--unsigned", "--tsa", "http://127.0.0.1:9", "--", "touch", "ran"],
  ["run", "--store", "x", "--", "touch", "ran"],
  ["run", "--budget", "1G", "--", "touch", "ran"],
  ["run", "--confine-write", "x", "--", "touch", "ran"],
  ["run", "--even-as-root", "--", "touch", "ran"],
  ["run", "--guard", ".", "--unsigned", "--", "touch", "ran"],
  ["run", "--guard", ".", "--project", "out", "--", "touch", "ran"],
  ["seal", "out", "--unsigned", "--key", "k"],
  ["seal", "out", "--unsigned", "--key", "fd:3"],
  ["seal", "out", "--unsigned", "--key", "agent:"],
  ["seal", "out", "--unsigned", "--key", "exec:x"],
  ["seal", "out", "--unsigned", "--public-key", "k"],
  ["seal", "out", "--unsigned", "--out", "elsewhere"],
  ["seal", "out", "--unsigned", "--task", "out/a.txt"],
  ["seal", "out", "--unsigned", "--tsa", "http://127.0.0.1:9"],
  ["seal", "out", "--tsa", "ftp://example.org"],
  ["seal", "out", "--key", "ssh-ed25519:AAAA"],
  ["seal", "out", "--key", "fd:x"],
  ["seal", "out", "--key", "fd:3", "--public-key", SIGNER],
  ["seal", "out", "--public-key", SIGNER],
  ["seal", "out", "--key", "exec: ", "--public-key", SIGNER],
  ["seal", "out", "--key", "exec:true", "--public-key", SIGNER.slice(1)],
  ["seal", "out", "--key", "exec:true", "--public-key", "00".repeat(32)],
  ["restore", "a", "b", "--failed", "--to", "there"],
  ["verify", "one", "--key", "default"],
  ["export", "one", "--format", "verdict", "-o", "v.json", "--any-signer"],
  ["sign", "one", "--counter", "--time"],
  ...["--tsa=http://127.0.0.1:9", ...OF_UNSIGNED].map((option) => ["sign", "one", "--counter", option]),
  ...["--key=k", "--public-key=k", "--files=.", ...OF_UNSIGNED, ...OF_COUNTER].map((option) => [
    ...["sign", "one", "--time", "--tsa", "http://127.0.0.1:9", option],
  ]),
  ...["--trust=x", ...OF_COUNTER].map((option) => ["sign", "one", option]),
  ["check", "proof.json", "out/a.txt", "out/b.txt", "--as", "out/a.txt"],
  ["export", "one", "--format", ""],
  ["export", "one", "--format", "sums,"],
  ["export", "one", "--format", "sums", "--key", "agent:"],
  ["export", "one", "--format", "dsse", "--predicate", "spdx"],
  ["trust", "check", "alice"],
  ["trust", "add", "al ice", SIGNER],
  ["trust", "revoke", "x", "--at", "yesterday"],
  ["trust", "add-tsa", "o]", `sha256:${SIGNER}`],
];

const MEANT = {
  "vrify x": "verify",
  "verify x --exat": "--exact",
  "key pasword": "passwd",
  list: "runseal log",
  passwd: "runseal key passwd",
} as const;

const KEY = "7f3969b39553cc2cb0146bcae5c130fd68cccb7a1daa19a57bb51c5c79efed96";

function pruning(option: string, value: string): Way {
  return {
    what: `prune ${option} ${value}`,
    args: ["prune", "--bundles", option, value],
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
  ...EXCLUDED.map((args) => ({ what: `usage: runseal ${args.join(" ")}`, args, code: "USAGE" })),
  ...Object.entries(MEANT).map(([line, meant]) => ({
    what: `${meant} misspelled`,
    args: line.split(" "),
    code: "USAGE",
    hint: new RegExp(`^did you mean ${meant}\\?$`, "m"),
  })),
  { what: "only an option, and no command", args: ["--no-color"], code: "USAGE" },
  { what: "any signer and a key", args: ["verify", BUNDLE, "--any-signer", "--signer", KEY], code: "USAGE" },
  {
    what: "several runs without --history",
    args: ["verify", BUNDLE, BUNDLE],
    code: "USAGE",
    hint: /--history judges them/,
  },
  ...[["--all"], ["--report", "page.html"], ["--exact"], ["--ignore", "x"]].map((option) => ({
    what: `a history and ${option[0]}`,
    args: ["verify", "--history", ...option],
    code: "USAGE",
  })),
  { what: "exact and stored", args: ["verify", BUNDLE, "--exact", "--stored"], code: "USAGE" },
  ...["0", "x"].map((count) => pruning("--keep-last", count)),
  ...["0", "30d", "1.5"].map((days) => pruning("--keep-days", days)),
  // stdout has the answer.
  ...[
    ["verify", BUNDLE, "--report"],
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
    hint: /^"release" is taken for the id of a run; a path has a slash$/m,
  },
  {
    what: "two kinds of trust",
    args: ["verify", BUNDLE, "--any-signer", "--trust", "trust"],
    arrange: put("trust", PRIVATE.content),
    code: "USAGE",
  },
  {
    what: "an invalid expected root",
    args: ["verify", "--history", BUNDLE, "--expect", "x"],
    code: "USAGE",
  },
  { what: "an unknown code", args: ["explain", "NOPE"], code: "USAGE" },
  {
    what: "an invalid time of sealing",
    args: ["seal", "out"],
    env: { SOURCE_DATE_EPOCH: PRIVATE.variable },
    code: "USAGE",
  },
  ...["-1", "1.5", "1e9", "253402300800"].map((epoch) => ({
    what: `a time of sealing of ${epoch}`,
    args: ["seal", "out"],
    env: { SOURCE_DATE_EPOCH: epoch },
    code: "USAGE",
  })),
  {
    what: "a pattern on the command line that is too long",
    args: ["seal", "out", "--ignore", "x".repeat(1025)],
    code: "USAGE",
  },
  { what: "a signer that is no key", args: ["verify", BUNDLE, "--signer", "x"], code: "SIGNER_NOT_A_KEY" },
];
