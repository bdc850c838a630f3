import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE, SECRETS } from "../../../support/command/canaries.ts";
import { makeFifo, type Project } from "../../../support/command/cli.ts";
import { all, config, folder, put, type Way } from "./way.ts";

const KEYS = "runseal/keys";
const PUBLIC_LINE = `other runseal-ed25519 ${"7f3969b39553cc2cb0146bcae5c130fd68cccb7a1daa19a57bb51c5c79efed96"}\n`;

function dropKeys(project: Project): void {
  rmSync(join(project.config, KEYS), { recursive: true });
}

/** Another name in the folder of keys, which no argument names. */
function strangeName(project: Project): void {
  writeFileSync(join(project.config, KEYS, `${PRIVATE.fileName}.txt`), PRIVATE.content);
}

/** Failures of the user's own keys. */
export const KEY_WAYS: readonly Way[] = [
  {
    what: "init twice",
    args: ["init", "--name", "default", "--no-passphrase"],
    arrange: strangeName,
    code: "KEY_EXISTS",
  },
  {
    what: "init by a name that is a path",
    args: ["init", "--name", "../x", "--no-passphrase"],
    code: "ARGUMENT_MALFORMED key",
  },
  {
    what: "init where the configuration is a file",
    args: ["init", "--name", "new", "--no-passphrase"],
    arrange: config("runseal", PRIVATE.content),
    code: "WRITE_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "init below a home that is a file",
    args: ["init", "--name", "default", "--no-passphrase"],
    env: { XDG_CONFIG_HOME: "", HOME: `/dev/null/${PRIVATE.fileName}` },
    code: "WRITE_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "key show of an unknown name",
    args: ["key", "show", "x"],
    arrange: strangeName,
    code: "KEY_NOT_FOUND stored",
  },
  ...["default", "rm"].map((verb) => ({
    what: `key ${verb} of an unknown name`,
    args: ["key", verb, "x"],
    code: "KEY_NOT_FOUND stored",
  })),
  ...["../default", "/etc/passwd", ""].map((name) => ({
    what: `key show of the name "${name}"`,
    args: ["key", "show", name],
    code: "KEY_NOT_FOUND stored",
  })),
  { what: "key show without keys", args: ["key", "show"], arrange: dropKeys, code: "KEY_NOT_FOUND stored" },
  {
    what: "key show with two keys",
    args: ["key", "show"],
    arrange: config(`${KEYS}/other.pub`, PUBLIC_LINE),
    code: "AMBIGUOUS key",
  },
  {
    what: "key list where the folder of keys is a file",
    args: ["key", "list"],
    arrange: config(KEYS, PRIVATE.content),
    code: "READ_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "key list with a folder among the public keys",
    args: ["key", "list"],
    arrange: (project) => void mkdirSync(join(project.config, KEYS, `${PRIVATE.fileName}.pub`)),
    code: "READ_FAILED",
    cause: /EISDIR/,
  },
  { what: "seal without a key", args: ["seal", "out"], arrange: dropKeys, code: "KEY_NOT_FOUND stored" },
  {
    what: "seal with two keys",
    args: ["seal", "out"],
    arrange: config(`${KEYS}/other.pub`, PUBLIC_LINE),
    code: "AMBIGUOUS key",
  },
  {
    what: "a key that is not there",
    args: ["seal", "out", "--key", "nope.key"],
    code: "KEY_NOT_FOUND stored",
    cause: /ENOENT/,
  },
  {
    what: "one's own key that is gone",
    args: ["seal", "out"],
    arrange: (project) => {
      for (const name of readdirSync(join(project.config, KEYS)))
        if (name.endsWith(".key")) rmSync(join(project.config, KEYS, name));
    },
    code: "KEY_NOT_FOUND stored",
    cause: /ENOENT/,
  },
  {
    what: "a key of some other text",
    args: ["seal", "out", "--key", "key"],
    arrange: put("key", `${SECRETS.keyText}\n`, 0o600),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "a key and one digit more",
    args: ["seal", "out", "--key", "key"],
    arrange: put("key", `${SECRETS.seed}0\n`, 0o600),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "two keys in one file",
    args: ["seal", "out", "--key", "key"],
    arrange: put("key", `${SECRETS.seed}\n${SECRETS.seed}\n`, 0o600),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "a key that others can read",
    args: ["seal", "out", "--key", "key"],
    arrange: put("key", `${SECRETS.seed}\n`, 0o644),
    code: "KEY_FILE_UNUSABLE exposed",
  },
  {
    what: "a folder as a key",
    args: ["seal", "out", "--key", "key"],
    arrange: folder(`key/${PRIVATE.fileName}`),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "a link as a key",
    args: ["seal", "out", "--key", "key"],
    arrange: all(put(PRIVATE.fileName, SECRETS.seed, 0o600), (project) =>
      symlinkSync(project.at(PRIVATE.fileName), project.at("key")),
    ),
    code: "KEY_FILE_UNUSABLE import",
    cause: /ELOOP/,
  },
  {
    what: "a FIFO as a key",
    args: ["seal", "out", "--key", "key"],
    arrange: (project) => makeFifo(project.at("key")),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "a key that is empty",
    args: ["seal", "out", "--key", "key"],
    arrange: put("key", "", 0o600),
    code: "KEY_FILE_UNUSABLE empty",
    hint: /^if the key comes from a variable or a secret, check that it is set$/m,
  },
  {
    what: "a link among one's own keys",
    args: ["seal", "out"],
    arrange: (project) => {
      const own = join(project.config, KEYS, "default.key");
      renameSync(own, project.at("moved.key"));
      symlinkSync(project.at("moved.key"), own);
    },
    code: "KEY_FILE_UNUSABLE form",
    cause: /ELOOP/,
  },
  {
    what: "key list without a home",
    args: ["key", "list"],
    env: { HOME: "", XDG_CONFIG_HOME: "" },
    code: "HOME_UNUSABLE",
  },
  {
    what: "a public key to sign with",
    args: ["seal", "out", "--key", "x.pub"],
    arrange: put("x.pub", PUBLIC_LINE),
    code: "KEY_FILE_UNUSABLE public",
  },
  {
    what: "a public key to import",
    args: ["key", "import", "x.pub", "--name", "new", "--no-passphrase"],
    arrange: put("x.pub", PUBLIC_LINE),
    code: "KEY_FILE_UNUSABLE public",
  },
  {
    what: "an import over a key that is unfinished",
    args: ["key", "import", "key", "--name", "default", "--no-passphrase"],
    arrange: all(put("key", `${SECRETS.seed}\n`, 0o600), (project) =>
      rmSync(join(project.config, KEYS, "default.pub")),
    ),
    code: "KEY_FILE_UNUSABLE unfinished",
  },
];
