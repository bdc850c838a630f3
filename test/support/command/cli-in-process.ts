/**
 * The command without a process of its own: its `run` is called here, with surroundings made for it. A process takes some
 * 0.2 seconds of a core to start, and the tests call thousands of commands.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { run } from "../../../src/cli/run-command-line.ts";
import type { CommandStreams } from "../../../src/node/run/run-command.ts";
import { makeFolder, removeTree } from "../files/tree.ts";
import type { CliEnd, CliSetting } from "./cli.ts";
import { quietIo } from "./quiet-io.ts";
import { sabotage } from "./sabotage.mjs";

/** Whether the command does not need a process of its own: the processes ring (vitest.config.ts) gives one to each. */
export function runsInProcess(args: readonly string[], setting: CliSetting): boolean {
  const { env, kill, traces = false, uid, under } = setting;
  if (process.env["RUNSEAL_CLI"] !== "inside" || setting.process === true) return false;
  if (kill !== undefined || uid !== undefined || under !== undefined) return false;
  if (Object.keys(env).some((name) => name.startsWith("NODE_"))) return false;
  // A debug log shows stack traces, and in these the frames of the caller.
  if (!traces && (args.includes("--debug") || env["RUNSEAL_LOG"] !== undefined)) return false;
  // It asks on the terminal, and here that would be the caller's.
  return args[0] !== "sign" || args.includes("--yes");
}

let last: Promise<unknown> = Promise.resolve();

/** Runs the command as a process without a terminal would. One at a time: a process has one current folder. */
export function runInProcess(args: readonly string[], setting: CliSetting): Promise<CliEnd> {
  const next = last.then(() => runIn(setting.cwd, () => runSabotaged(args, setting)));
  last = next.catch(() => undefined);
  return next;
}

async function runIn<Value>(folder: string, act: () => Promise<Value>): Promise<Value> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await act();
  } finally {
    process.chdir(before);
  }
}

/** Whether a call of node:fs is the command's, and not that of a test beside it. */
const inCommand = new AsyncLocalStorage<true>();

async function runSabotaged(args: readonly string[], setting: CliSetting): Promise<CliEnd> {
  if (setting.sabotage === undefined) return await runWithIo(args, setting);
  const { call, text } = setting.sabotage;
  const mend = sabotage(call, text, () => inCommand.getStore() === true);
  try {
    return await inCommand.run(true, () => runWithIo(args, setting));
  } finally {
    mend();
  }
}

async function runWithIo(args: readonly string[], { cwd, env, input }: CliSetting): Promise<CliEnd> {
  using streams = new Streams();
  const started = performance.now();
  const surroundings = quietIo({
    writeOut: (text) => streams.writeOut(text),
    writeBytes: async (bytes) => streams.writeOut(Buffer.from(bytes).toString()),
    readIn: () => Readable.from(input === undefined ? [] : [input]),
    writeError: (text) => streams.writeError(text),
    cwd,
    environment: env,
    ticks: () => performance.now() - started,
    every: (milliseconds, act) => {
      const timer = setInterval(act, milliseconds).unref();
      return () => clearInterval(timer);
    },
    ...(args.includes("run") ? { commandStreams: streams.open(input) } : {}),
  });
  const exitCode = await run(args, surroundings);
  return { exitCode, ...streams.read() };
}

/** What is printed. The command of a `runseal run` writes to files, and runseal into the same ones: so the order is kept. */
class Streams implements Disposable {
  #folder: string | undefined;
  #open: CommandStreams = [-1, -1, -1];
  #stdout = "";
  #stderr = "";

  /** Gives what a command inherits. */
  open(input: Uint8Array = new Uint8Array()): CommandStreams {
    const folder = makeFolder(process.env["RUNSEAL_TEST_FOLDER"]);
    this.#folder = folder;
    writeFileSync(join(folder, "stdin"), input);
    this.#open = [
      openSync(join(folder, "stdin"), "r"),
      openSync(join(folder, "stdout"), "a"),
      openSync(join(folder, "stderr"), "a"),
    ];
    return this.#open;
  }

  writeOut(text: string): void {
    if (this.#folder === undefined) this.#stdout += text;
    else writeSync(this.#open[1], text);
  }

  writeError(text: string): void {
    if (this.#folder === undefined) this.#stderr += text;
    else writeSync(this.#open[2], text);
  }

  read(): Pick<CliEnd, "stdout" | "stderr"> {
    if (this.#folder === undefined) return { stdout: this.#stdout, stderr: this.#stderr };
    const [stdout, stderr] = [join(this.#folder, "stdout"), join(this.#folder, "stderr")];
    return { stdout: readFileSync(stdout, "utf8"), stderr: readFileSync(stderr, "utf8") };
  }

  [Symbol.dispose](): void {
    if (this.#folder === undefined) return;
    for (const descriptor of this.#open) closeSync(descriptor);
    removeTree(this.#folder);
  }
}
