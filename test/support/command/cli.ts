/**
 * The built command, run as a user runs it: a home of its own, nothing inherited. In `npm test`, commands that
 * need no process of their own run in the test's (cli-in-process.ts). CI gives each command its process.
 *
 * @module
 */

import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { ALL_CODES } from "../../../src/cli/codes/all-codes.ts";
import { makeFolder, removeTree, snapshotTree } from "../files/tree.ts";
import { recorded } from "../record/recorder.ts";
import { runInProcess, runsInProcess } from "./cli-in-process.ts";
import { breachesOf, schemaNameFor } from "./json-schemas.ts";
import { unnamedMembers } from "./schema-members.ts";

/** The program as it ships: in `.ci/run` that of the installed package, else what was built. */
export const MAIN: string =
  process.env["RUNSEAL_MAIN"] ?? fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

const SABOTAGE = fileURLToPath(new URL("./sabotage.mjs", import.meta.url));

/** No command of these tests has work for more than a second or two: what takes this long hangs. */
const HANGS_MS = 45_000;

/** The user id of an unprivileged account, for what root may do and a user may not. */
const ORDINARY_USER = 65_534;

/** Where and as whom to run. */
export interface CliSetting {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The bytes of stdin; nothing by default. */
  readonly input?: Uint8Array;
  /** The user to run as; default: the user that runs the tests. */
  readonly uid?: number;
  /** A signal to send, and the moment to send it. */
  readonly kill?: { readonly signal: NodeJS.Signals; readonly when: (pid: number) => boolean };
  /** Whether the command needs a process of its own in any case. */
  readonly process?: boolean;
  /** What runs instead of `node`; it gets node, the program and the arguments. */
  readonly under?: readonly string[];
  /** Whether a debug log may have frames of the test in its stack traces, so that it needs no process. */
  readonly traces?: boolean;
  /** A call of node:fs that throws, `function:nth:kind`, and a text in the exception (sabotage.mjs). */
  readonly sabotage?: { readonly call: string; readonly text: string };
  /** Whether stderr is wanted as it is printed, with its lines folded. */
  readonly raw?: boolean;
}

/** How it ended. */
export interface CliEnd {
  /** Null where a signal ended the process. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `--json` printed. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * Runs the program until it exits. Fails the test where it hangs, shows a stack trace, or, under `--json`,
 * prints anything but one object on one line of stdout.
 */
export async function runCli(args: readonly string[], setting: CliSetting): Promise<CliEnd> {
  const end = await runUnchecked(args, setting);
  const shown = `runseal ${args.join(" ")}\n${end.stdout}${end.stderr}`;
  expectClean(end, shown);
  // The tests read what is said, wherever its lines are folded: cli/every-failure.test.ts holds how they are.
  const unfolded = setting.raw === true ? end : { ...end, stderr: unfold(end.stderr) };
  const isHelp = args.includes("--help") || args.includes("help");
  // The stdout of `run` is its command's, and what it prints is tested by support/run.ts.
  const isJson = args.slice(0, args.indexOf("--") >>> 0).includes("--json") && !isHelp;
  if (isJson && setting.under === undefined && args[0] !== "run") expectValid(args, factsOf(end), shown);
  return unfolded;
}

/** Nothing that is printed shows a stack trace, breaks off, or names an unknown code. */
export function expectClean({ stdout, stderr }: CliEnd, shown: string): void {
  expect(stdout + stderr, shown).not.toMatch(/\n\s+at .+:\d+:\d+|node:internal|UnhandledPromise/);
  expect(stderr, shown).not.toMatch(/[^\n]$/);
  expectCodes(unfold(stderr), shown);
}

/** Runs the program until it exits, and checks nothing. */
export async function runUnchecked(args: readonly string[], setting: CliSetting): Promise<CliEnd> {
  const run = runsInProcess(args, setting) ? runInProcess : runAsProcess;
  return await recorded(args, setting, () => run(args, setting));
}

async function runAsProcess(args: readonly string[], setting: CliSetting): Promise<CliEnd> {
  const { env, sabotage, under = [] } = setting;
  const node = sabotage === undefined ? [] : ["--import", SABOTAGE];
  const [command = process.execPath, ...rest] = [...under, process.execPath, ...node, MAIN, ...args];
  const forced = sabotage === undefined ? {} : { SABOTAGE: sabotage.call, SABOTAGE_TEXT: sabotage.text };
  return await runProcess(command, rest, { ...setting, env: { ...env, ...forced } });
}

/** Joins the lines into which a message was folded. */
export function unfold(stderr: string): string {
  return stderr.replaceAll(/\n {6}(?=\S)/g, " ");
}

/** All `--json` output is as the published schemas say, and has no member that they do not name. */
export function expectValid(args: readonly string[], facts: unknown, shown = ""): void {
  const name = schemaNameFor(args);
  expect(breachesOf(name, facts), `schemas/${name}.json\n${shown}`).toEqual([]);
  expect(unnamedMembers(name, facts), `schemas/${name}.json lacks members\n${shown}`).toEqual([]);
}

/** Every error is `error: CODE: sentence`, so that `runseal explain CODE` can be asked. */
function expectCodes(stderr: string, shown: string): void {
  for (const [line, code = ""] of stderr.matchAll(/^error: (?:([A-Z0-9_]+): .+)?/gm)) {
    expect(ALL_CODES, `${line}\n${shown}`).toContain(code);
  }
}

/** Runs any program until it exits, with a bound on its time. */
export function runProcess(command: string, args: readonly string[], setting: CliSetting): Promise<CliEnd> {
  const { cwd, env, input, uid, kill } = setting;
  // A session of its own, and so no terminal: the tests must not ask for passphrases there.
  const options: SpawnOptions = {
    cwd,
    env: { ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
  };
  const user = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(command, args, { ...options, ...user });
  // A program that refuses its input reads none of the rest.
  child.stdin?.on("error", () => undefined).end(input);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const interrupt = setInterval(() => {
    if (child.pid === undefined || kill?.when(child.pid) !== true) return;
    child.kill(kill.signal);
    clearInterval(interrupt);
  }, 2);
  return new Promise((resolve, reject) => {
    const hang = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`it hangs: ${command} ${args.join(" ")}\n${stdout}${stderr}`));
    }, HANGS_MS);
    child.on("error", reject);
    child.on("close", (exitCode) => {
      clearTimeout(hang);
      clearInterval(interrupt);
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** The one object of `--json`, whose exit code must be the process's. */
export function factsOf({ exitCode, stdout, stderr }: CliEnd): Facts {
  expect(stdout, `stdout must be one line; stderr: ${stderr}`).toMatch(/^\{[^\n]*\}\n$/);
  expect(stderr, "with --json a program reads one stream").toBe("");
  const facts = JSON.parse(stdout) as Facts;
  expect(facts).toMatchObject({
    ok: expect.any(Boolean),
    message: expect.any(String),
    details: expect.any(Object),
    exit_code: exitCode,
  });
  expect(facts).toHaveProperty("code");
  expect(facts["ok"], "ok is true only when the exit code is 0").toBe(exitCode === 0);
  return facts;
}

/**
 * What a failed seal may leave: packs with their indexes, what the state folder remembers of packs that were hashed, and the folders that
 * these are in.
 */
export const LEFT_BY_FAILED_SEAL =
  /(?:^|\/)(?:\.runseal(?:\/packs(?:\/[0-9a-f]{64}\.(?:pack|idx))?)?|\.local(?:\/state(?:\/runseal(?:\/objects(?:\/[0-9a-f]{64})?)?)?)?)$/;

/** A user with a home and a project, in a folder of their own. */
export class Project implements Disposable {
  /** Holds all the others. */
  readonly folder: string;
  /** The project root, where commands run. */
  readonly root: string;
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  #uid: number | undefined;

  constructor(parent?: string) {
    this.folder = makeFolder(parent);
    this.root = join(this.folder, "project");
    this.config = join(this.folder, "home", "config");
    const home = join(this.folder, "home");
    this.env = { PATH: searchedFolders(), HOME: home, XDG_CONFIG_HOME: this.config };
    mkdirSync(this.config, { recursive: true });
    mkdirSync(this.root);
  }

  /** An address below the project root. */
  at(...path: readonly string[]): string {
    return join(this.root, ...path);
  }

  /** Writes files below the project root, which others may read: tests of other modes set these. */
  write(files: Readonly<Record<string, string | Uint8Array>>): void {
    const umask = process.umask(0o022);
    try {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(this.at(path)), { recursive: true });
        writeFileSync(this.at(path), content);
      }
    } finally {
      process.umask(umask);
    }
  }

  /** Runs a command in the project root. */
  async run(args: readonly string[], over: Partial<CliSetting> = {}): Promise<CliEnd> {
    const user = this.#uid === undefined ? {} : { uid: this.#uid };
    return await runCli(args, { cwd: this.root, env: this.env, ...user, ...over });
  }

  /** Runs a command with `--json` and gives its object. */
  async json(args: readonly string[], over: Partial<CliSetting> = {}): Promise<Facts> {
    return factsOf(await this.run([...args, "--json"], over));
  }

  /** Runs a command that must succeed. */
  async done(args: readonly string[], over: Partial<CliSetting> = {}): Promise<CliEnd> {
    const end = await this.run(args, over);
    expect(end, end.stderr).toMatchObject({ exitCode: 0, stderr: "" });
    return end;
  }

  /** Runs a command that must leave everything of the user's as it was. */
  async changesNothing(args: readonly string[], over: Partial<CliSetting> = {}): Promise<CliEnd> {
    const before = snapshotTree(this.folder);
    const end = await this.run(args, over);
    expect(snapshotTree(this.folder), "nothing may change, and nothing be left behind").toEqual(before);
    return end;
  }

  /**
   * Runs a seal that must fail and leave everything as it was, but for complete packs and the memory of them: another act may rely on
   * these packs by now, so `prune` removes them.
   */
  async sealsNothing(args: readonly string[], over: Partial<CliSetting> = {}): Promise<CliEnd> {
    const before = snapshotTree(this.folder);
    const end = await this.run(args, over);
    const after = [...snapshotTree(this.folder)].filter(
      ([path]) => before.has(path) || !LEFT_BY_FAILED_SEAL.test(path),
    );
    expect(new Map(after), "nothing may change, and nothing but packs be left behind").toEqual(before);
    return end;
  }

  /**
   * Hands everything to an ordinary user, who runs all later commands: root may read and write whatever the
   * modes say. Gives false where that is unavailable.
   */
  async becomeOrdinaryUser(): Promise<boolean> {
    if (process.getuid?.() !== 0) return process.getuid !== undefined;
    this.#uid = ORDINARY_USER;
    giveAway(this.folder, ORDINARY_USER);
    const end = await runProcess(process.execPath, [MAIN, "--version"], {
      cwd: this.root,
      env: this.env,
      uid: ORDINARY_USER,
    });
    return end.exitCode === 0;
  }

  [Symbol.dispose](): void {
    removeTree(this.folder);
  }
}

/** PATH without folders that this user may not search: with one of these, a missing command is one that can't be executed. */
export function searchedFolders(): string {
  const isSearched = (folder: string): boolean => {
    try {
      accessSync(folder, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return (process.env["PATH"] ?? "").split(delimiter).filter(isSearched).join(delimiter);
}

const TWO_OUTPUTS: Readonly<Record<string, string>> = { "out/a.txt": "alpha\n", "out/b.txt": "beta\n" };

/** A project with two small outputs. */
export function makeProject(files: Readonly<Record<string, string>> = TWO_OUTPUTS): Project {
  const project = new Project();
  project.write(files);
  return project;
}

/** A project whose user has a key. */
export async function makeProjectWithKey(files?: Readonly<Record<string, string>>): Promise<Project> {
  const project = makeProject(files);
  cpSync((await model()).config, project.config, { recursive: true });
  return project;
}

/** A project whose user has a key, and a bundle of `out` sealed as `one`. */
export async function makeSealedProject(files?: Readonly<Record<string, string>>): Promise<Project> {
  const project = await makeProjectWithKey(files);
  if (files === undefined)
    cpSync((await model()).at(".runseal"), project.at(".runseal"), { recursive: true });
  else await project.done(["seal", "out", "--id", "one"]);
  return project;
}

let sealedOnce: Promise<Project> | undefined;

/** Made once a process and copied, for a key and a bundle cost two processes. Removed after the last test file (seeds.ts). */
function model(): Promise<Project> {
  sealedOnce ??= (async () => {
    const project = new Project(process.env["RUNSEAL_TEST_FOLDER"]);
    project.write(TWO_OUTPUTS);
    await project.done(["init", "--name", "default", "--no-passphrase"]);
    await project.done(["seal", "out", "--id", "one"]);
    return project;
  })();
  return sealedOnce;
}

/** Where `makeSealedProject` has its bundle, relative to the project root. */
export const BUNDLE = ".runseal/runs/one";

/** The names in a folder, sorted; none where there is no folder. */
export function namesIn(folder: string): readonly string[] {
  return lstatSync(folder, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(folder).sort();
}

/** A file's mode as `ls` would have it, in octal. */
export function modeOf(address: string): string {
  return (lstatSync(address).mode & 0o7777).toString(8).padStart(4, "0");
}

/** Closes a folder or a file to everybody but root, or opens it again. */
export function setMode(address: string, mode: number): void {
  chmodSync(address, mode);
}

function giveAway(address: string, uid: number): void {
  lchownSync(address, uid, uid);
  if (!lstatSync(address).isDirectory()) return;
  for (const name of readdirSync(address)) giveAway(join(address, name), uid);
}

/** Whether a process has something below a folder open at this moment. */
export function opensBelow(pid: number, folder: string): boolean {
  try {
    const fds = readdirSync(`/proc/${pid}/fd`);
    return fds.some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(`${folder}/`));
  } catch {
    return false; // It closed one while we looked.
  }
}

/** Makes a device that reads as zeros without end. Gives false where that is not allowed. */
export function makeZeroDevice(address: string): boolean {
  return spawnSync("mknod", [address, "c", "1", "5"]).status === 0;
}

/** A small file system of its own in an empty folder, for as long as it isn't disposed of. */
export class SmallDisk implements Disposable {
  readonly #folder: string;
  readonly mounted: boolean;

  constructor(folder: string, options: string) {
    this.#folder = folder;
    this.mounted = spawnSync("mount", ["-t", "tmpfs", "-o", options, "none", folder]).status === 0;
  }

  [Symbol.dispose](): void {
    if (this.mounted) spawnSync("umount", ["-l", this.#folder]);
  }
}

/** Makes a FIFO, which hangs a process that opens it to read. */
export function makeFifo(address: string): void {
  const { status } = spawnSync("mkfifo", [address]);
  if (status !== 0) throw new Error("mkfifo failed");
}
