import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptSeed } from "../../../../src/node/keys/encrypted-key.ts";
import { makeOpenSshKey, writePkcs8 } from "../../../support/bundles/ed25519-files.ts";
import { CHEAP, secretOf } from "../../../support/bundles/keys.ts";
import { PRIVATE, SECRETS } from "../../../support/command/canaries.ts";
import type { Project } from "../../../support/command/cli.ts";
import { all, config, put, type Way } from "./way.ts";

const NONE = { RUNSEAL_PASSPHRASE: undefined };
const SEAL = ["seal", "out", "--key", "key"];
const IMPORT = ["key", "import", "file", "--name", "new"];

/** The seed of the canaries as an encrypted key file `key`. */
function encryptedKey(project: Project): void {
  using seed = secretOf(Buffer.from(SECRETS.seed, "hex"));
  using passphrase = secretOf(SECRETS.right);
  const line = encryptSeed(seed, passphrase, CHEAP);
  if (!line.ok) throw new Error(line.code);
  writeFileSync(project.at("key"), line.value, { mode: 0o600 });
}

const arrange = encryptedKey;

/** Passphrases that are missing, wrong, or unavailable. */
export const PASSPHRASE_WAYS: readonly Way[] = [
  {
    what: "a wrong passphrase",
    args: SEAL,
    arrange,
    code: "PASSPHRASE_UNUSABLE wrong",
    cause: /verif/,
  },
  {
    what: "a wrong passphrase for a run, before its command",
    args: ["run", "--key", "key", "--", "touch", "ran"],
    arrange,
    code: "PASSPHRASE_UNUSABLE wrong",
  },
  { what: "no passphrase", args: SEAL, env: NONE, arrange, code: "PASSPHRASE_UNUSABLE missing" },
  {
    what: "a passphrase that is set and empty",
    args: SEAL,
    env: { RUNSEAL_PASSPHRASE: "" },
    arrange,
    code: "PASSPHRASE_UNUSABLE empty",
  },
  {
    what: "two passphrases",
    args: SEAL,
    env: { RUNSEAL_PASSPHRASE_FILE: PRIVATE.fileName },
    arrange: all(encryptedKey, put(PRIVATE.fileName, SECRETS.right)),
    code: "AMBIGUOUS passphrase",
  },
  {
    what: "a passphrase's file that is not there",
    args: SEAL,
    env: { ...NONE, RUNSEAL_PASSPHRASE_FILE: `/nonexistent/${PRIVATE.fileName}` },
    arrange,
    code: "PASSPHRASE_UNUSABLE unreadable",
    cause: /ENOENT/,
  },
  {
    what: "a passphrase's file that is too long",
    args: SEAL,
    env: { ...NONE, RUNSEAL_PASSPHRASE_FILE: PRIVATE.fileName },
    arrange: all(encryptedKey, put(PRIVATE.fileName, SECRETS.right.repeat(100))),
    code: "PASSPHRASE_UNUSABLE too-long",
  },
  {
    what: "a passphrase's descriptor that is closed",
    args: SEAL,
    env: { ...NONE, RUNSEAL_PASSPHRASE_FD: "99" },
    arrange,
    code: "PASSPHRASE_UNUSABLE unreadable",
    cause: /EBADF/,
  },
  {
    what: "a passphrase's command that fails",
    args: SEAL,
    env: {
      ...NONE,
      RUNSEAL_PASSPHRASE_COMMAND: `echo ${SECRETS.right}; echo ${SECRETS.right} ${PRIVATE.variable} >&2; exit 3`,
    },
    arrange,
    code: "PASSPHRASE_UNUSABLE unreadable",
  },
  {
    what: "a passphrase's command that prints a wrong one",
    args: SEAL,
    env: { ...NONE, RUNSEAL_PASSPHRASE_COMMAND: `echo ${SECRETS.token}` },
    arrange,
    code: "PASSPHRASE_UNUSABLE wrong",
  },
  {
    what: "an encrypted key that is cut off",
    args: SEAL,
    arrange: put("key", "runseal-key-v1 AQAAAAMABAAA\n", 0o600),
    code: "KEY_FILE_UNUSABLE import",
  },
];

/** Keys of other programs, and of one's own, that can't be taken over or changed. */
export const IMPORT_WAYS: readonly Way[] = [
  { what: "import of nothing", args: IMPORT, code: "KEY_NOT_FOUND stored", cause: /ENOENT/ },
  {
    what: "import of some other text",
    args: IMPORT,
    arrange: put("file", `${SECRETS.keyText}\n`, 0o600),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "import of an invalid PEM file",
    args: IMPORT,
    arrange: put(
      "file",
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRETS.keyText}\n-----END OPENSSH PRIVATE KEY-----\n`,
      0o600,
    ),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "import of a key that others can read",
    args: IMPORT,
    arrange: (project) => {
      writePkcs8(project.at(PRIVATE.fileName), Buffer.from(SECRETS.seed, "hex"));
      put("file", "-----BEGIN PRIVATE KEY-----\n", 0o644)(project);
    },
    code: "KEY_FILE_UNUSABLE exposed",
  },
  {
    what: "import of a link",
    args: IMPORT,
    arrange: (project) => {
      writePkcs8(project.at(PRIVATE.fileName), Buffer.from(SECRETS.seed, "hex"));
      symlinkSync(project.at(PRIVATE.fileName), project.at("file"));
    },
    code: "KEY_FILE_UNUSABLE import",
    cause: /ELOOP/,
  },
  {
    what: "import by a wrong passphrase",
    args: IMPORT,
    arrange: (project) => void makeOpenSshKey(project.at("file"), SECRETS.right),
    code: "PASSPHRASE_UNUSABLE wrong",
  },
  {
    what: "import without a passphrase",
    args: IMPORT,
    env: NONE,
    arrange: (project) => void makeOpenSshKey(project.at("file"), SECRETS.right),
    code: "PASSPHRASE_UNUSABLE missing",
  },
  {
    what: "import over a key that is there",
    args: ["key", "import", "file", "--name", "default"],
    arrange: (project) => writePkcs8(project.at("file"), Buffer.from(SECRETS.seed, "hex")),
    code: "KEY_EXISTS",
  },
  { what: "a new key over one that is there", args: ["key", "new", "default"], code: "KEY_EXISTS" },
  {
    what: "a new key without a passphrase",
    args: ["key", "new", "new"],
    env: NONE,
    code: "PASSPHRASE_UNUSABLE missing",
  },
  {
    what: "a first key without a passphrase",
    args: ["init", "--name", "new"],
    env: NONE,
    code: "PASSPHRASE_UNUSABLE missing",
    hint: /--no-passphrase/,
  },
  {
    what: "a new key by a name that is a path",
    args: ["key", "new", "a/b"],
    code: "ARGUMENT_MALFORMED key",
  },
  {
    what: "a new key without a place for it",
    args: ["key", "new", "new"],
    arrange: config("runseal/keys", PRIVATE.content),
    code: "WRITE_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "a new key by an empty passphrase",
    args: ["key", "new", "new"],
    env: { RUNSEAL_PASSPHRASE: "" },
    code: "PASSPHRASE_UNUSABLE empty",
  },
  { what: "passwd of an unknown key", args: ["key", "passwd", "x"], code: "KEY_NOT_FOUND stored" },
  {
    what: "passwd of an invalid key",
    args: ["key", "passwd", "default"],
    arrange: config("runseal/keys/default.key", SECRETS.keyText),
    code: "KEY_FILE_UNUSABLE form",
  },
  {
    what: "passwd without a new passphrase",
    args: ["key", "passwd", "default"],
    code: "PASSPHRASE_UNUSABLE missing",
  },
  {
    what: "export --format of an unknown key",
    args: ["key", "export", "x", "--format", "runseal"],
    code: "KEY_NOT_FOUND stored",
  },
  {
    what: "export --format where a folder stands among the public keys",
    args: ["key", "export", "--format", "runseal"],
    arrange: (project) => void mkdirSync(join(project.config, "runseal/keys", `${PRIVATE.fileName}.pub`)),
    code: "READ_FAILED",
    cause: /EISDIR/,
  },
];
