/**
 * Signing by a program of the operator's, for keys in a KMS, on a token, or behind a service of one's own
 * (docs/signers.md): it gets the message on stdin and prints the 64 raw bytes of the signature on stdout.
 *
 * The program runs by the shell in a session of its own, so that whatever it starts can be ended with it. Its
 * stderr is ours: what it says there is between it and the operator, and is neither read nor kept.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { ok, type Result } from "../../core/index.ts";
import { machineReason } from "../files/machine-reason.ts";
import { Interruption, throwIfInterrupted } from "../interruption.ts";
import { type OperationFault, operationFault } from "../operation-fault.ts";
import type { Environment } from "./key-store.ts";
import type { Signer } from "./signer.ts";

const SIGNATURE_BYTES = 64;

/** A process group is a thing of POSIX; elsewhere only the shell is ended. */
const HAS_GROUPS = process.platform !== "win32";

/** Which program signs, and with which key. */
export interface SignerCommand {
  /** For `sh -c`. */
  readonly command: string;
  /** 32 raw bytes of the key that the program is to sign with. */
  readonly publicKey: Uint8Array;
  /** How long it may take, and everything it starts. */
  readonly seconds: number;
  readonly environment: Environment;
}

/** A signer behind a program. */
export class CommandSigner implements Signer {
  readonly #command: SignerCommand;

  constructor(command: SignerCommand) {
    this.#command = command;
  }

  publicKey(): Uint8Array {
    return this.#command.publicKey;
  }

  /**
   * Runs the program. Fails with SIGNER_COMMAND_FAILED (it did not start, or did not end with 0),
   * SIGNER_COMMAND_SHORT, SIGNER_COMMAND_LONG or SIGNER_COMMAND_TIMEOUT.
   */
  sign(message: Uint8Array, signal?: AbortSignal): Promise<Result<Uint8Array, OperationFault>> {
    throwIfInterrupted(signal);
    return runProgram(this.#command, message, signal);
  }

  [Symbol.dispose](): void {
    // Nothing of the key was ever here.
  }
}

function runProgram(
  { command, seconds, environment }: SignerCommand,
  message: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Result<Uint8Array, OperationFault>> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      detached: HAS_GROUPS,
      stdio: ["pipe", "pipe", "inherit"],
      env: withoutPassphrase(environment),
    });
    const printed: Buffer[] = [];
    let size = 0;
    let stopped: OperationFault | "interrupted" | undefined;
    const stop = (why: OperationFault | "interrupted"): void => {
      stopped ??= why;
      if (child.pid !== undefined) killGroup(child.pid);
      // Whoever left the group may still hold the other end; nobody waits for it.
      child.stdout.destroy();
    };
    const interrupt = (): void => stop("interrupted");
    const deadline = setTimeout(() => {
      stop(operationFault("SIGNER_COMMAND_TIMEOUT", { seconds }));
    }, seconds * 1000);
    signal?.addEventListener("abort", interrupt);
    const end = (): void => {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", interrupt);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      printed.push(chunk);
      if (size > SIGNATURE_BYTES) stop(operationFault("SIGNER_COMMAND_LONG"));
    });
    // A program that doesn't read the message has signed something else: its signature tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(message);
    child.on("error", (error) => {
      end();
      const reason = machineReason(error);
      if (reason === undefined) reject(error);
      else resolve(operationFault("SIGNER_COMMAND_FAILED", { reason }));
    });
    // After the process was reaped and its stdout closed.
    child.on("close", (status) => {
      end();
      if (stopped === "interrupted") reject(new Interruption("interrupted"));
      else if (stopped !== undefined) resolve(stopped);
      else resolve(judgeEnd(status, Buffer.concat(printed)));
    });
  });
}

function judgeEnd(status: number | null, printed: Uint8Array): Result<Uint8Array, OperationFault> {
  if (status !== 0) return operationFault("SIGNER_COMMAND_FAILED", status === null ? {} : { status });
  return printed.length < SIGNATURE_BYTES ? operationFault("SIGNER_COMMAND_SHORT") : ok(printed);
}

/** A passphrase of runseal's own is none of the program's business; all else it may need. */
function withoutPassphrase(environment: Environment): NodeJS.ProcessEnv {
  const { RUNSEAL_PASSPHRASE: _, ...rest } = environment;
  return rest;
}

function killGroup(leader: number): void {
  try {
    process.kill(HAS_GROUPS ? -leader : leader, "SIGKILL");
  } catch (thrown) {
    // All of them have ended by themselves.
    if (machineReason(thrown) === undefined) throw thrown;
  }
}
