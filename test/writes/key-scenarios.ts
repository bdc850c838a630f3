/**
 * Commands that write private keys: init, key new, key import and key passwd.
 *
 * @module
 */

import { createPrivateKey } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeKeyFile } from "../../src/node/keys/write-key-file.ts";
import { FIRST_SEED, SECOND_SEED } from "../support/bundles/bundle.ts";
import { CHEAP, RIGHT, secretOf } from "../support/bundles/keys.ts";
import { type Facts, modeOf, namesIn } from "../support/command/cli.ts";
import { filesBelow, placeKey, publicKeyOf, textOf } from "./home-files.ts";
import { saidCase, type WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

type Env = Readonly<Record<string, string>>;

const CAROL = publicKeyOf("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f");

/** A command that makes or changes the key `alice`. */
interface KeyCommand {
  readonly args: readonly string[];
  readonly env: Env;
  /** The seed that the key has in the beginning. */
  readonly old?: string;
  /** The same command once more, without `--force`: what is half-done it finishes. */
  readonly again: readonly string[];
  /** What finishes a key that is half-done, where the same command does not (docs/key-file.md). */
  readonly finish?: readonly string[];
  /** Whether the key stays the same, and only its passphrase changes. */
  readonly keepsKey?: boolean;
}

const NONE = "--no-passphrase";
const PHRASE: Env = { RUNSEAL_PASSPHRASE: RIGHT };
const NEW_PHRASE: Env = { ...PHRASE, RUNSEAL_NEW_PASSPHRASE: RIGHT };
const NEW = ["key", "new", "alice"];
const PASSWD = ["key", "passwd", "alice"];
const INIT = ["init", "--name", "alice", NONE];
const IMPORT = ["key", "import", "../given.pem", "--name", "alice", NONE];

export const KEY_SCENARIOS: readonly WriteScenario[] = [
  keyScenario("init", {
    args: INIT,
    env: {},
    again: INIT,
  }),
  keyScenario("key new", { args: [...NEW, NONE], env: {}, again: [...NEW, NONE] }, placeOther),
  keyScenario("key new, passphrase", { args: NEW, env: PHRASE, again: NEW }, placeOther),
  keyScenario(
    "key new --force",
    { args: [...NEW, NONE, "--force"], env: {}, again: [...NEW, NONE], old: FIRST_SEED },
    placeAlice,
  ),
  keyScenario("key import", { args: IMPORT, env: {}, again: IMPORT, finish: INIT }, placeGiven),
  keyScenario(
    "key passwd, new passphrase",
    { args: PASSWD, env: NEW_PHRASE, again: PASSWD, old: FIRST_SEED, keepsKey: true },
    placeAlice,
  ),
  keyScenario(
    "key passwd --no-passphrase",
    { args: [...PASSWD, NONE], env: PHRASE, again: [...PASSWD, NONE], old: FIRST_SEED, keepsKey: true },
    placeEncrypted,
  ),
];

function keyScenario(
  name: string,
  command: KeyCommand,
  prepare: (cell: WriteCell) => unknown = () => undefined,
): WriteScenario {
  return {
    name,
    prepare: async (cell) => {
      mkdirSync(join(cell.project, "out"));
      writeFileSync(join(cell.project, "out/a.txt"), "alpha\n");
      await prepare(cell);
    },
    args: () => command.args,
    env: command.env,
    isSlow: command.env === NEW_PHRASE || !command.args.includes(NONE),
    judge: (cell, ended) => judgeKey(cell, ended, command),
  };
}

function placeAlice(cell: WriteCell): void {
  placeKey(cell, "alice", FIRST_SEED);
}

/** Another key, so that the trust file is there and has a line. */
function placeOther(cell: WriteCell): void {
  placeKey(cell, "bob", SECOND_SEED);
}

async function placeEncrypted(cell: WriteCell): Promise<void> {
  placeAlice(cell);
  using seed = secretOf(Buffer.from(FIRST_SEED, "hex"));
  using passphrase = secretOf(RIGHT);
  const file = join(cell.config, "keys/alice.key");
  rmSync(file);
  const written = await writeKeyFile(file, seed, { passphrase, cost: CHEAP });
  if (!written.ok) throw new Error(written.code);
}

function placeGiven(cell: WriteCell): void {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const key = Buffer.concat([prefix, Buffer.from(FIRST_SEED, "hex")]);
  const pem = createPrivateKey({ key, format: "der", type: "pkcs8" }).export({
    format: "pem",
    type: "pkcs8",
  });
  writeFileSync(cell.at("given.pem"), pem, { mode: 0o600 });
}

async function judgeKey(
  cell: WriteCell,
  { exitCode }: Ended,
  command: KeyCommand,
): Promise<readonly string[]> {
  const { again, args, env, keepsKey = false, old } = command;
  const problems: string[] = [];
  const parts = await readParts(cell, env);
  const isWhole = isSound(parts) && (keepsKey || old === undefined || parts.key !== publicKeyOf(old));
  if (exitCode === 0 && !isWhole) problems.push(`exit 0, and ${describe(parts)}`);
  if (exitCode === 0 && keepsKey && parts.isEncrypted !== !args.includes(NONE))
    problems.push("exit 0, and the passphrase is the old one");
  if (keepsKey && !isSound(parts)) problems.push(describe(parts));
  problems.push(...(await judgeSealing(cell, env, parts)));
  const listed = await cell.look(["key", "list"]);
  if (listed["exit_code"] === 70) problems.push("key list ends with 70");
  problems.push(...(await repeat(cell, command)));
  const last = await readParts(cell, env);
  // The next command that takes the key's lock for certain.
  const passwd = isSound(last) ? await cell.run([...PASSWD, NONE], env) : undefined;
  if (passwd !== undefined && passwd.exitCode !== 0)
    problems.push(`key passwd ends with ${passwd.exitCode}: ${passwd.stderr.trim()}`);
  // And those that take the trust file's.
  for (const edit of [
    ["add", "carol", CAROL],
    ["remove", "carol"],
  ]) {
    const { code } = await cell.look(["trust", ...edit]);
    if (code !== "OK") problems.push(`trust ${edit[0]} says ${code}`);
  }
  const ours = old === undefined ? [] : [publicKeyOf(old)];
  problems.push(...strayLines(cell, [...ours, parts.key, last.key]), ...strayFiles(cell, again));
  return problems;
}

/** Runs the command again: it must finish what is half-done, or say what to do, and that must help. */
async function repeat(
  cell: WriteCell,
  { again, env, finish, keepsKey = false }: KeyCommand,
): Promise<readonly string[]> {
  const end = await cell.run([...again, "--json"], env);
  const code = saidCase(JSON.parse(end.stdout) as Facts);
  const parts = await readParts(cell, env);
  if (isSound(parts) && (code === "OK" || (code === "KEY_EXISTS" && !keepsKey))) return [];
  if (finish !== undefined && code === "KEY_FILE_UNUSABLE unfinished") {
    const helped = await cell.run(finish, env);
    const finished = await readParts(cell, env);
    if (isSound(finished)) return [];
    return [`${finish.join(" ")}: ${helped.exitCode}, and ${describe(finished)}: ${helped.stderr.trim()}`];
  }
  // No other process is at work here.
  if (code === "KEY_EXISTS" || code === "OK" || code === "CHANGED_WHILE_READ")
    return [`again: ${code}, and ${describe(parts)}`];
  const forced = await cell.run([...again, "--force"], env);
  const after = await readParts(cell, env);
  if (forced.exitCode === 0 && isSound(after)) return [];
  return [`again: ${code}; with --force: ${forced.exitCode}, and ${describe(after)}`];
}

/** No bundle may come from a key whose public half is another's. */
async function judgeSealing(cell: WriteCell, env: Env, parts: KeyParts): Promise<readonly string[]> {
  if (parts.key === undefined || parts.public === undefined || parts.key === parts.public) return [];
  const sealed = await cell.look(sealArgs(cell, "mismatched"), env);
  return sealed["ok"] === true ? ["seal takes a private key that is not the public one's"] : [];
}

/** Public keys as they follow from each of the three places. */
interface KeyParts {
  /** Of the private key; undefined where there is no such file, "unreadable" where no key can be read. */
  readonly key: string | undefined;
  readonly public: string | undefined;
  readonly trusted: readonly string[];
  readonly isEncrypted: boolean;
}

async function readParts(cell: WriteCell, env: Env): Promise<KeyParts> {
  const text = textOf(join(cell.config, "keys/alice.key"));
  const isEncrypted = text?.startsWith("runseal-key-v1 ") === true;
  const trust = textOf(join(cell.config, "trust")) ?? "";
  return {
    key: text === undefined ? undefined : await publicHalf(cell, text.trimEnd(), env),
    public: /^alice runseal-ed25519 ([0-9a-f]{64})\n$/.exec(
      textOf(join(cell.config, "keys/alice.pub")) ?? "",
    )?.[1],
    trusted: [...trust.matchAll(/^alice runseal-ed25519 ([0-9a-f]{64})$/gm)].map(([, hex]) => String(hex)),
    isEncrypted,
  };
}

/** To open an encrypted key costs a second: its public half is looked up once. */
const opened = new Map<string, string>();

async function publicHalf(cell: WriteCell, text: string, env: Env): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(text)) return publicKeyOf(text);
  const known = opened.get(text);
  if (known !== undefined) return known;
  const copy = cell.at("copy.key");
  writeFileSync(copy, `${text}\n`, { mode: 0o600 });
  const sealed = await cell.look([...sealArgs(cell, "probe"), "--key", copy], env);
  rmSync(copy);
  rmSync(cell.at("probes"), { recursive: true, force: true });
  const signer = sealed["signer"] as { readonly public_key?: string } | null | undefined;
  const found = sealed["ok"] === true ? String(signer?.public_key) : "unreadable";
  opened.set(text, found);
  return found;
}

function sealArgs(cell: WriteCell, id: string): readonly string[] {
  const out = cell.at("probes");
  rmSync(out, { recursive: true, force: true });
  return ["seal", join(cell.project, "out"), "--here", "--project", cell.project, "--out", out, "--id", id];
}

function isSound({ key, public: publicKey, trusted }: KeyParts): boolean {
  return key !== undefined && key === publicKey && trusted.includes(key);
}

function describe({ key, public: publicKey, trusted }: KeyParts): string {
  if (key === undefined && publicKey === undefined) return `no key, ${trusted.length} trusted lines`;
  if (key === undefined) return "a public key without its private key";
  if (key === "unreadable") return "a private key that can't be read";
  if (publicKey === undefined) return "a private key without a whole public file";
  if (key !== publicKey) return "a public key that is not the private key's";
  return trusted.includes(key) ? "a whole key" : "a key without its trusted line";
}

/** Lines of keys that do not exist. */
function strayLines(cell: WriteCell, wanted: readonly (string | undefined)[]): readonly string[] {
  const trust = textOf(join(cell.config, "trust")) ?? "";
  const known = [...wanted, publicKeyOf(SECOND_SEED)].map((key) => `runseal-ed25519 ${key}`);
  const lines = trust.split("\n").filter((line) => line !== "");
  const stray = lines.filter((line) => !known.some((key) => line.endsWith(key)));
  return stray.length === 0 ? [] : [`${stray.length} trusted lines of keys that don't exist`];
}

/** Files with other names than a key's, and private keys in other files than a key's. */
function strayFiles(cell: WriteCell, again: readonly string[]): readonly string[] {
  const problems: string[] = [];
  const keys = join(cell.config, "keys");
  const names = namesIn(keys).filter((name) => !/^(?:alice|bob)\.(?:key|pub)$/.test(name));
  const beside = namesIn(cell.config).filter((name) => name !== "keys" && name !== "trust");
  if (names.length + beside.length > 0) problems.push(`leaves ${[...names, ...beside]}`);
  const isThere = existsSync(join(keys, "alice.key"));
  if (isThere && modeOf(join(keys, "alice.key")) !== "0600") problems.push("others can read the key");
  const secrets = [textOf(join(keys, "alice.key"))?.trim(), FIRST_SEED].filter((text) => text !== undefined);
  for (const path of filesBelow(cell.at("home"))) {
    const text = textOf(cell.at("home", path)) ?? "";
    const isKeyOfItsOwn = /keys\/(?:alice|bob)\.key$/.test(path);
    if (!isKeyOfItsOwn && secrets.some((secret) => text.includes(secret.slice(0, 32))))
      problems.push(`${path} holds a private key after ${again.slice(0, 2).join(" ")}`);
  }
  return problems;
}
