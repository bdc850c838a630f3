import { rmSync } from "node:fs";
import { join } from "node:path";
import { FIRST_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { PRIVATE, SECRETS } from "../../../support/command/canaries.ts";
import { BUNDLE } from "../../../support/command/cli.ts";
import { all, artifact, config, drop, folder, put, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;
const KEY = `runseal-ed25519 ${testSigner(FIRST_SEED).publicKeyHex}`;
const AGENT = ["seal", "out", "--key", "agent:"];
const by = (command: string): readonly string[] => [
  "seal",
  "out",
  "--key",
  `exec:${command}`,
  "--public-key",
  KEY,
];

/** Agents and programs that don't sign. */
export const SIGNER_WAYS: readonly Way[] = [
  { what: "no agent", args: AGENT, code: "AGENT_UNREACHABLE not-set" },
  {
    what: "an agent that is gone",
    args: AGENT,
    env: { SSH_AUTH_SOCK: `/nonexistent/${fileName}` },
    code: "AGENT_UNREACHABLE no-answer",
    cause: /ENOENT/,
  },
  {
    what: "an agent that is a file",
    args: AGENT,
    env: { SSH_AUTH_SOCK: "agent" },
    arrange: put("agent", content),
    code: "AGENT_UNREACHABLE no-answer",
    cause: /ECONNREFUSED|ENOTSOCK/,
  },
  { what: "a program without a key", args: ["seal", "out", "--key", "exec:true"], code: "USAGE" },
  {
    what: "a program that fails",
    args: by(`echo ${content}; exit 3`),
    code: "SIGNER_FAILED command",
  },
  { what: "a program that is not there", args: by("./nope 2>&-"), code: "SIGNER_FAILED command" },
  { what: "a program that prints nothing", args: by("true"), code: "SIGNER_FAILED command-short" },
  {
    what: "a program that prints something else",
    args: by(`cat content`),
    arrange: put("content", content),
    code: "SIGNER_FAILED command-short",
  },
  {
    what: "a program that prints too much",
    args: by("cat content"),
    arrange: put("content", `${content}${SECRETS.seed}`),
    code: "SIGNER_FAILED command-long",
  },
  ...Object.entries({
    "64 bytes, and fails": ["head -c 64 /dev/zero; exit 1", "SIGNER_FAILED command"],
    "64 bytes, and is killed": ["head -c 64 /dev/zero; kill -KILL $$", "SIGNER_FAILED command"],
    "a byte too few": ["head -c 63 /dev/zero", "SIGNER_FAILED command-short"],
    "a byte too many": ["head -c 65 /dev/zero", "SIGNER_FAILED command-long"],
    "bytes without end": ["cat /dev/zero", "SIGNER_FAILED command-long"],
    "the first 64 bytes of the message": ["head -c 64", "SIGNER_FAILED signature-wrong"],
  } as const).map(([what, [command, code]]) => ({
    what: `a program that gives ${what}`,
    args: by(command),
    code,
  })),
  {
    what: "a program that signs wrongly",
    args: by("cat content"),
    arrange: put("content", SECRETS.seed),
    code: "SIGNER_FAILED signature-wrong",
  },
  ...["0", "-1", "1.5", "1e3", "", "86401"].map((seconds) => ({
    what: `a time of ${JSON.stringify(seconds)} for a program`,
    args: by("true"),
    env: { RUNSEAL_SIGNER_TIMEOUT: seconds },
    code: "USAGE",
  })),
  {
    what: "a program that hangs",
    args: by("cat content; exec sleep 30"),
    env: { RUNSEAL_SIGNER_TIMEOUT: "1" },
    arrange: put("content", content),
    code: "SIGNER_FAILED command-timeout",
  },
];

/** Trust files that can't be edited or read, and countersignatures that can't be made. */
export const VOUCHING_WAYS: readonly Way[] = [
  {
    what: "trust list of a file with a bad line",
    args: ["trust", "list"],
    arrange: config("runseal/trust", `${content} ${content}\n`),
    code: "TRUST_FILE_MALFORMED",
  },
  {
    what: "trust list of a folder",
    args: ["trust", "list", "--trust", "folder"],
    arrange: folder(`folder/${fileName}`),
    code: "TRUST_FILE_UNREADABLE",
  },
  {
    what: "trust add to a file with a bad line",
    args: ["trust", "add", "new", KEY],
    arrange: config("runseal/trust", `# ${content}\n${content} ${content}\n`),
    code: "TRUST_FILE_MALFORMED",
  },
  {
    what: "trust add of a key that is there",
    args: ["trust", "add", "other", KEY],
    arrange: config("runseal/trust", `# ${content}\nnew ${KEY} ${content}\n`),
    code: "TRUST_LINE_REFUSED exists",
  },
  {
    what: "trust add of a private key's file",
    args: ["trust", "add", "new", "keys/me.key"],
    code: "USAGE",
    hint: /^a \.key file is the private half, which stays with its owner: name the \.pub file/m,
  },
  {
    what: "trust add of a key in a file that is not one's public half",
    args: ["trust", "add", "new", "key.txt"],
    arrange: put("key.txt", `${KEY}\n`),
    code: "USAGE",
  },
  { what: "trust add of no file", args: ["trust", "add", "new", "no.pub"], code: "PATH_NOT_FOUND" },
  { what: "trust add of no key", args: ["trust", "add", "new", "x"], code: "USAGE" },
  {
    what: "trust add of an invalid time",
    args: ["trust", "add", "new", KEY, "--valid-after", "x"],
    code: "USAGE",
  },
  {
    what: "trust add without a place for it",
    args: ["trust", "add", "new", KEY],
    arrange: config("runseal", content),
    code: "TRUST_FILE_UNREADABLE",
    cause: /ENOTDIR/,
  },
  {
    what: "trust remove of a line that is not there",
    args: ["trust", "remove", "x"],
    code: "TRUST_LINE_NOT_FOUND",
  },
  {
    what: "trust remove of a name that a threshold needs",
    args: ["trust", "remove", "a", "--trust", "trust"],
    arrange: put("trust", `# ${content}\na ${KEY} ${content}\n[require 1 of a]\n`),
    code: "TRUST_LINE_REFUSED required",
  },
  {
    what: "trust revoke of a line that is not there",
    args: ["trust", "revoke", "x"],
    code: "TRUST_LINE_NOT_FOUND",
  },
  { what: "trust check of an unknown signer", args: ["trust", "check", KEY], code: "SIGNER_UNKNOWN" },
  {
    what: "trust check without a policy",
    args: ["trust", "check", KEY],
    arrange: (project) => rmSync(join(project.config, "runseal/trust")),
    code: "TRUST_POLICY_MISSING",
  },
  {
    what: "trust check of a revoked signer",
    args: ["trust", "check", KEY],
    arrange: config("runseal/trust", `x revoked ${KEY} ${content}\n`),
    code: "SIGNER_REVOKED",
  },
  {
    what: "countersign a bundle whose signer is not the expected one",
    args: ["sign", "--counter", BUNDLE, "--key", "key", "--signer", KEY],
    arrange: put("key", SECRETS.seed, 0o600),
    code: "SIGNER_UNKNOWN",
  },
  {
    what: "countersign a bundle with a changed output",
    args: ["sign", "--counter", BUNDLE, "--key", "missing.key"],
    arrange: all(put("out/a.txt", content), drop(".runseal/packs")),
    code: "HASH_MISMATCH",
  },
  {
    what: "countersign a bundle that is not there",
    args: ["sign", "--counter", "nowhere", "--key", "missing.key"],
    code: "RUN_NOT_FOUND id",
  },
  {
    what: "countersign without the key",
    args: ["sign", "--counter", BUNDLE, "--key", "missing.key"],
    code: "KEY_NOT_FOUND stored",
  },
  {
    what: "countersign one's own bundle",
    args: ["sign", "--counter", BUNDLE],
    code: "COUNTERSIGNER_IS_SIGNER",
  },
  {
    what: "countersign by an invalid key",
    args: ["sign", "--counter", BUNDLE, "--key", "key"],
    arrange: put("key", SECRETS.keyText, 0o600),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "countersign a bundle that is no JSON",
    args: ["sign", "--counter", BUNDLE, "--key", "key"],
    arrange: (project) => {
      put("key", SECRETS.seed, 0o600)(project);
      artifact("STATUS", () => content)(project);
    },
    code: "ARTIFACT_MALFORMED",
  },
  {
    what: "countersign beside invalid countersignatures",
    args: ["sign", "--counter", BUNDLE, "--key", "key"],
    arrange: (project) => {
      put("key", SECRETS.seed, 0o600)(project);
      put(`${BUNDLE}/COUNTERSIGNATURES.json`, `{"${content}":${content}}`)(project);
    },
    code: "COUNTERSIGNATURES_MALFORMED",
  },
];
