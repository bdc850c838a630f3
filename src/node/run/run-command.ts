/**
 * Runs a command as if it were started directly: it inherits stdin, stdout and stderr, not copies, and is in the same
 * process group, so that it can read the terminal and is stopped and continued together with runseal.
 *
 * Signals (SIGINT, SIGTERM, SIGHUP, SIGQUIT) are forwarded to the command, and runseal waits for it. A terminal sends
 * Ctrl-C and Ctrl-\ to the whole group, so these are forwarded only if no terminal sent them. A third signal becomes
 * SIGKILL. Signals go to the command only: the parent of runseal is in the same group.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout } from "node:timers/promises";
import { ok, type Result } from "../../core/internal.ts";
import { withoutPassphrases } from "../keys/passphrase/program-surroundings.ts";
import type { SharedAccess } from "../keys/signer.ts";
import { errnoOf, reasonOf } from "../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import type { CommandSignal, RunSignals } from "./command-signals.ts";
import { isInForeground } from "./foreground.ts";

/** What to run. */
export interface CommandRequest {
  /** The program, searched for along PATH where its name has no slash, and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly environment: Environment;
  readonly signals: RunSignals;
  /** Default: this process's own. */
  readonly streams?: CommandStreams | undefined;
}

/** Open descriptors that a command inherits as its stdin, stdout and stderr. */
export type CommandStreams = readonly [stdin: number, stdout: number, stderr: number];

const OWN_STREAMS: CommandStreams = [0, 1, 2];

/** How a command ended. */
export interface CommandEnd {
  /** As in a shell: 128 plus the signal's number if a signal ended it. */
  readonly exitCode: number;
  /** The signal that ended it. */
  readonly signal: NodeJS.Signals | undefined;
  /** The first signal that was sent to runseal while it ran. */
  readonly interruptedBy: CommandSignal | undefined;
}

/** The environment of a command without what would let it sign: the passphrase variables, and SSH_AUTH_SOCK if the ssh-agent signs. */
export function commandEnvironment(
  environment: Environment,
  sharedAccess: SharedAccess | undefined,
): Environment {
  const { SSH_AUTH_SOCK: _agent, ...withoutAgent } = environment;
  return withoutPassphrases(sharedAccess === "agent" ? withoutAgent : environment);
}

/** Signals that a terminal sends to all processes in its foreground. */
const TYPED: readonly CommandSignal[] = ["SIGINT", "SIGQUIT"];

/** How long after a command's end runseal may get the signal that ended it. */
const LATE_SIGNAL_MS = 50;

/**
 * Runs a command and waits for its end, not for its background processes. Fails with COMMAND_NOT_FOUND or
 * COMMAND_NOT_EXECUTABLE if it was not started.
 */
export async function runCommand(request: CommandRequest): Promise<Result<CommandEnd, OperationFault>> {
  const { command, cwd, environment, signals, streams = OWN_STREAMS } = request;
  const [file, ...args] = command;
  if (file === "") return operationFault("COMMAND_NOT_FOUND", { path: file });
  try {
    const child = spawn(file, args, { stdio: [...streams], cwd, env: { ...environment } });
    return ok(await waitFor(child, signals));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return errnoOf(thrown) === "ENOENT"
      ? operationFault("COMMAND_NOT_FOUND", { path: file })
      : operationFault("COMMAND_NOT_EXECUTABLE", { path: file, reason });
  }
}

async function waitFor(child: ChildProcess, signals: RunSignals): Promise<CommandEnd> {
  const release = signals.handTo((signal, isLast) => {
    if (isLast) child.kill("SIGKILL");
    else if (!TYPED.includes(signal) || !isInForeground()) child.kill(signal);
  });
  try {
    const [code, signal] = await exitOf(child);
    // A signal to both processes may end the command before runseal gets it.
    if (signal !== null && signals.first === undefined) await setTimeout(LATE_SIGNAL_MS);
    return endOf(code, signal, signals.first);
  } finally {
    release();
  }
}

function exitOf(child: ChildProcess): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    // A failure to send a signal, as to a command of another user, does not mean that the command ended.
    child.on("error", (error) => (child.pid === undefined ? reject(error) : undefined));
    child.once("exit", (code, signal) => resolve([code, signal]));
  });
}

function endOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  interruptedBy: CommandSignal | undefined,
): CommandEnd {
  return signal === null
    ? { exitCode: code ?? 0, signal: undefined, interruptedBy }
    : { exitCode: exitCodeOfSignal(signal), signal, interruptedBy };
}

/** 128 plus the number of a signal. */
function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
