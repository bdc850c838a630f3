/**
 * The routes that a key takes through the program, each arranged as a user would have it: the process that signs
 * learns of a secret from files, descriptors and programs, never from its arguments or environment. Where an agent or a program
 * signs, the key is never in the process.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DEFAULT_KEY_COST, encryptSeed } from "../../../src/node/keys/encrypted-key.ts";
import { FIRST_SEED, testSigner } from "../bundles/bundle.ts";
import { makeOpenSshKey, writePkcs8 } from "../bundles/ed25519-files.ts";
import { secretOf } from "../bundles/keys.ts";
import { Authority, reasonWithoutAuthority } from "../evidence/authority.ts";
import { honestly, serve } from "../evidence/authority-server.ts";
import { MAIN, type Project } from "./cli.ts";
import { type Traces, tracesOfSeed, tracesOfText } from "./memory-scan.ts";
import { HAS_PTY } from "./pty.ts";
import type { Signing } from "./stopped-process.ts";

const WITHOUT_SODIUM = fileURLToPath(new URL("./without-sodium.mjs", import.meta.url));

const TYPE_PASSPHRASE = fileURLToPath(new URL("./type-passphrase.py", import.meta.url));

/** What a route needs to run, and what to look for while it stands still. */
export interface Arranged {
  readonly signing: Omit<Signing, "cwd" | "env"> & Partial<Pick<Signing, "env">>;
  /** Asked for when the process stands still: some keys are made by it. */
  readonly traces: () => Traces;
  readonly tidy?: () => Promise<void>;
}

/** One route. */
export interface Route {
  readonly name: string;
  /** What this machine lacks for it. */
  readonly missing?: string;
  readonly arrange: (project: Project) => Arranged | Promise<Arranged>;
}

const command = (...args: readonly string[]): Arranged["signing"] => ({ way: "command", args });

/** Writes a new seed as a plain key file `key`. */
function plainKey(project: Project): Traces {
  const seed = randomBytes(32);
  writeFileSync(project.at("key"), `${seed.toString("hex")}\n`, { mode: 0o600 });
  return tracesOfSeed(seed);
}

/** Writes a new seed as an encrypted key file `key`, and its passphrase as `passphrase`. */
function encryptedKey(project: Project): Traces {
  const [seed, text] = [randomBytes(32), randomBytes(18).toString("base64url")];
  using secret = secretOf(seed);
  using passphrase = secretOf(text);
  const line = encryptSeed(secret, passphrase, DEFAULT_KEY_COST);
  if (!line.ok) throw new Error(line.code);
  writeFileSync(project.at("key"), Buffer.concat([line.value, Buffer.from("\n")]), { mode: 0o600 });
  writeFileSync(project.at("passphrase"), `${text}\n`, { mode: 0o600 });
  return { ...tracesOfSeed(seed), ...tracesOfText(text) };
}

/** A route through a plain key file. */
function plain(name: string, signing: Arranged["signing"], more?: (project: Project) => void): Route {
  return {
    name: `plain key file${name}`,
    arrange: (project) => {
      const traces = plainKey(project);
      more?.(project);
      return { signing, traces: () => traces };
    },
  };
}

/** A route through an encrypted key file. */
function encrypted(name: string, signing: Arranged["signing"], more?: (project: Project) => void): Route {
  return {
    name: `encrypted key file, ${name}`,
    arrange: (project) => {
      const traces = encryptedKey(project);
      more?.(project);
      return { signing, traces: () => traces };
    },
  };
}

/** How not to do it; the scanner must find it. */
export const CONTROL: Route = plain(" in a KeyObject that is kept: control", {
  way: "control",
  args: ["key"],
});

/** A signer that is still open holds its key, in secret memory and nowhere else. */
export const OPEN: Route = plain(", signer still open", { way: "open", args: ["key"] });

/** The weakest source of a passphrase: a string of the environment stays where it is, and is found. */
export const FROM_ENVIRONMENT: Route = {
  name: "encrypted key file, passphrase from the environment",
  arrange: (project) => {
    const traces = encryptedKey(project);
    const text = readFileSync(project.at("passphrase"), "utf8").trim();
    const env = { RUNSEAL_PASSPHRASE: text };
    return { signing: { ...command("seal", "out", "--key", "key"), env }, traces: () => traces };
  },
};

/** Where libsodium is missing the promise is weaker: a copy of OpenSSL's own may be left for a while. */
export const WITHOUT_LIBSODIUM: Route = plain(", no libsodium", {
  ...command("seal", "out", "--key", "key"),
  node: ["--import", WITHOUT_SODIUM],
});

const SEAL = ["seal", "out", "--key", "key"];
const STDIN = command("seal", "out", "--key", "-");
const TOO_LONG = { ...command("seal", "out", "--key", "fd:4"), input: "key" };
const FILE = { RUNSEAL_PASSPHRASE_FILE: "passphrase" };
const BOTH = { ...FILE, RUNSEAL_NEW_PASSPHRASE_FILE: "passphrase" };
const SOME_KEY = testSigner(FIRST_SEED).publicKeyHex;

const EXPORT = ["export", "one", "--any-signer", "--format", "all", "--key", "key", "-o"];
/** The bundle that is attested was sealed by the same key: the trust policy names it. */
const ATTEST = [
  "--files",
  ".",
  "--trust",
  "signers",
  "--format",
  "verdict",
  "-o",
  "verdict.json",
  "--key",
  "key",
];

/** Leaves `out` as an unsigned bundle, in a process of its own. */
function sealUnsigned(project: Project): void {
  runBefore(project, "seal", "out", "--unsigned", "--id", "new");
}

/** Seals `out` with the key, in a process of its own, and trusts it. */
function sealByKey(project: Project): void {
  runBefore(project, "seal", "out", "--id", "new", "--key", "key");
  const { publicKeyHex } = testSigner(readFileSync(project.at("key"), "utf8").trim());
  writeFileSync(project.at("signers"), `me runseal-ed25519 ${publicKeyHex}\n`);
}

function runBefore({ env, root }: Project, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}

/** Routes after which nothing may be left. */
export const ROUTES: readonly Route[] = [
  plain("", { way: "signer", args: ["key"] }),
  plain(", signing throws", { way: "throws", args: ["key"] }),
  plain(", seal", command(...SEAL)),
  plain(", seal fails after signing", { ...command(...SEAL, "--out", "taken"), exitCode: 4 }, (project) =>
    writeFileSync(project.at("taken"), ""),
  ),
  exporting(plain(", export", command(...EXPORT, "evidence"))),
  exporting(
    plain(
      ", export fails after signing",
      { ...command(...EXPORT, "file/evidence"), exitCode: 4 },
      (project) => writeFileSync(project.at("file"), ""),
    ),
  ),
  exporting(encrypted("export", { ...command(...EXPORT, "evidence"), env: FILE })),
  plain(", sign", command("sign", "new", "--yes", "--key", "key"), sealUnsigned),
  plain(", export --format verdict", command("export", "new", ...ATTEST), sealByKey),
  plain(
    ", sign fails after hashing",
    { ...command("sign", "new", "--yes", "--key", "key"), exitCode: 1 },
    (project) => {
      sealUnsigned(project);
      writeFileSync(project.at("out/a.txt"), "changed\n");
    },
  ),
  plain(", from a descriptor", { ...command("seal", "out", "--key", "fd:4"), input: "key" }),
  plain(", from stdin", { ...STDIN, under: ["sh", "-c", 'exec "$@" <key', "sh"] }),
  plain(", from a pipe", { ...STDIN, under: ["sh", "-c", 'cat key | "$@"', "sh"] }),
  plain(", from a descriptor, run", {
    ...command("run", "--key", "fd:4", "--output", "out", "--", "true"),
    input: "key",
  }),
  plain(", from a descriptor, with a line too many", { ...TOO_LONG, exitCode: 4 }, (project) =>
    appendFileSync(project.at("key"), "x\n"),
  ),
  encrypted("from a descriptor", {
    ...command("seal", "out", "--key", "fd:4"),
    env: FILE,
    input: "key",
  }),
  encrypted("from a pipe", { ...STDIN, env: FILE, under: ["sh", "-c", 'cat key | "$@"', "sh"] }),
  encrypted("passphrase from a file", { ...command(...SEAL), env: FILE }),
  encrypted("passphrase from a command", {
    ...command(...SEAL),
    env: { RUNSEAL_PASSPHRASE_COMMAND: "cat passphrase" },
  }),
  encrypted("passphrase from a descriptor", {
    ...command(...SEAL),
    env: { RUNSEAL_PASSPHRASE_FD: "4" },
    input: "passphrase",
  }),
  encrypted("sign", { ...command("sign", "new", "--yes", "--key", "key"), env: FILE }, sealUnsigned),
  encrypted(
    "seal fails after signing",
    { ...command(...SEAL, "--out", "taken"), env: FILE, exitCode: 4 },
    (project) => writeFileSync(project.at("taken"), ""),
  ),
  {
    ...encrypted("passphrase typed at a terminal", {
      ...command(...SEAL),
      // Isolated: or Python takes the module of this folder that is called pty.
      under: ["python3", "-I", TYPE_PASSPHRASE, "passphrase"],
    }),
    ...(HAS_PTY ? {} : { missing: "python3, which makes a terminal" }),
  },
  encrypted("wrong passphrase", { ...command(...SEAL), env: FILE, exitCode: 4 }, (project) => {
    // One character of the sealed seed: the passphrase is right, but that cannot be detected.
    const line = readFileSync(project.at("key"), "latin1");
    const at = line.length - 20;
    writeFileSync(project.at("key"), line.slice(0, at) + (line[at] === "A" ? "B" : "A") + line.slice(at + 1));
  }),
  encrypted("passwd", { ...command("key", "passwd", "k"), env: BOTH }, (project) => {
    mkdirSync(`${project.config}/runseal/keys`, { recursive: true });
    renameSync(project.at("key"), `${project.config}/runseal/keys/k.key`);
    writeFileSync(`${project.config}/runseal/keys/k.pub`, `k runseal-ed25519 ${SOME_KEY}\n`);
  }),
  {
    name: "key made by init",
    arrange: (project) => ({
      signing: command("init", "--name", "default", "--no-passphrase"),
      traces: () => tracesOfSeed(seedIn(`${project.config}/runseal/keys/default.key`)),
    }),
  },
  {
    name: "import of PKCS#8",
    arrange: (project) => {
      const seed = randomBytes(32);
      writePkcs8(project.at("pem"), seed);
      return {
        signing: command("key", "import", "pem", "--name", "x", "--no-passphrase"),
        traces: () => tracesOfSeed(seed),
      };
    },
  },
  {
    name: "trust add of a private key's .pem file",
    arrange: (project) => {
      const seed = randomBytes(32);
      writePkcs8(project.at("given.pem"), seed);
      const [, body = ""] = readFileSync(project.at("given.pem"), "latin1").split("\n");
      return {
        signing: { ...command("trust", "add", "x", "given.pem"), exitCode: 2 },
        traces: () => ({ ...tracesOfSeed(seed), ...tracesOfText(body) }),
      };
    },
  },
  {
    name: "import of OpenSSH's, encrypted",
    arrange: (project) => {
      const text = randomBytes(18).toString("base64url");
      const seed = makeOpenSshKey(project.at("ssh"), text);
      writeFileSync(project.at("passphrase"), `${text}\n`);
      return {
        signing: { ...command("key", "import", "ssh", "--name", "x"), env: FILE },
        traces: () => ({ ...tracesOfSeed(seed), ...tracesOfText(text) }),
      };
    },
  },
  {
    name: "import of OpenSSH's, then seal",
    arrange: async (project) => {
      const seed = makeOpenSshKey(project.at("ssh"));
      await project.done(["key", "import", "ssh", "--name", "x", "--no-passphrase"]);
      return { signing: command("seal", "out"), traces: () => tracesOfSeed(seed) };
    },
  },
  stamping("seal --tsa", (url) => [...SEAL, "--tsa", url]),
  stamping("run --tsa", (url) => ["run", "--key", "key", "--output", "out", "--tsa", url, "--", "true"]),
];

/** The same with a run to export, which was sealed with another key. */
function exporting(route: Route): Route {
  const arrange: Route["arrange"] = async (project) => {
    writeFileSync(project.at("sealer"), `${FIRST_SEED}\n`, { mode: 0o600 });
    await project.done(["seal", "out", "--id", "one", "--key", "sealer"]);
    return await route.arrange(project);
  };
  return { ...route, arrange };
}

/** A route after which an authority was asked; `one` was sealed with the key before. */
function stamping(name: string, args: (url: string) => readonly string[]): Route {
  const missing = reasonWithoutAuthority();
  return {
    name: `plain key file, ${name}`,
    ...(missing === undefined ? {} : { missing: "openssl 3.4" }),
    arrange: async (project) => {
      const traces = plainKey(project);
      await project.done(["seal", "out", "--key", "key", "--id", "one"]);
      const authority = new Authority();
      const server = await serve(honestly(authority));
      const tidy = async (): Promise<void> => {
        await server.close();
        authority[Symbol.dispose]();
      };
      return { signing: command(...args(server.url)), traces: () => traces, tidy };
    },
  };
}

function seedIn(path: string): Buffer {
  return Buffer.from(readFileSync(path, "latin1").trim(), "hex");
}
