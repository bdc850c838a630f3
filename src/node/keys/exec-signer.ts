/**
 * Signing by a program of the operator's, for keys in a KMS, on a token, or behind a service of one's own
 * (docs/signers.md): it gets the message on stdin and prints the 64 raw bytes of the signature on stdout.
 *
 * The program runs by the shell in a session of its own, so that whatever it starts can be ended with it. Its
 * stderr is ours: what it says there is between it and the operator, and is neither read nor kept.
 *
 * @module
 */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { ok, type Result } from "../../core/internal.ts";
import { Interruption, throwIfInterrupted } from "../system/runtime/interruption.ts";
import { attempt, reasonOf } from "../system/runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../system/runtime/operation-fault.ts";
import { isWindows } from "../system/runtime/this-system.ts";
import type { Environment } from "../system/runtime/user-home.ts";
import { closePassphraseDescriptors, withoutPassphrases } from "./passphrase/program-surroundings.ts";
import type { Signer } from "./signer.ts";

const SIGNATURE_BYTES = 64;

/** A process group is a thing of POSIX; elsewhere only the shell is ended. */
const HAS_GROUPS = !isWindows;

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
   * Runs the program. Fails with SIGNER_FAILED, which says whether it did not start, did not end with 0, or in time, or
   * printed something else than a signature.
   */
  async sign(message: Uint8Array, signal?: AbortSignal): Promise<Result<Uint8Array, OperationFault>> {
    throwIfInterrupted(signal);
    try {
      return await new ProgramRun(this.#command).end(message, signal);
    } catch (thrown) {
      // It could not be started. An interruption is thrown on.
      reasonOf(thrown);
      return operationFault("SIGNER_FAILED", { reason: "command-not-started" });
    }
  }

  [Symbol.dispose](): void {
    // Nothing of the key was ever here.
  }
}

/** One run of the program. */
class ProgramRun {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #seconds: number;
  readonly #printed: Buffer[] = [];
  #size = 0;
  /** Why it was killed. */
  #stopped: OperationFault | "interrupted" | undefined;

  constructor({ command, seconds, environment }: SignerCommand) {
    this.#seconds = seconds;
    closePassphraseDescriptors(environment);
    this.#child = spawn(command, {
      shell: true,
      detached: HAS_GROUPS,
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...withoutPassphrases(environment) },
    });
  }

  /** Hands it the message and waits until it was reaped and its stdout closed. */
  async end(message: Uint8Array, signal?: AbortSignal): Promise<Result<Uint8Array, OperationFault>> {
    const closed = this.#closing();
    // Without a pid it did not start, and may have no streams.
    if (this.#child.pid !== undefined) this.#converse(message);
    const interrupt = (): void => this.#stop("interrupted");
    signal?.addEventListener("abort", interrupt);
    const deadline = setTimeout(() => {
      this.#stop(operationFault("SIGNER_FAILED", { reason: "command-timeout", seconds: this.#seconds }));
    }, this.#seconds * 1000);
    try {
      const status = await closed;
      if (this.#stopped === "interrupted") throw new Interruption("interrupted");
      return this.#stopped ?? judgeEnd(status, Buffer.concat(this.#printed));
    } finally {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", interrupt);
    }
  }

  /** Its exit code; null where a signal ended it. */
  #closing(): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#child.on("close", resolve).on("error", reject);
    });
  }

  #converse(message: Uint8Array): void {
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.#size += chunk.length;
      this.#printed.push(chunk);
      if (this.#size > SIGNATURE_BYTES)
        this.#stop(operationFault("SIGNER_FAILED", { reason: "command-long" }));
    });
    // A program that doesn't read the message has signed something else: its signature tells.
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdin.end(message);
  }

  #stop(why: OperationFault | "interrupted"): void {
    this.#stopped ??= why;
    if (this.#child.pid === undefined) return;
    killGroup(this.#child.pid);
    // A process that left the group may still hold the other end: do not wait for it.
    this.#child.stdout.destroy();
  }
}

function judgeEnd(status: number | null, printed: Uint8Array): Result<Uint8Array, OperationFault> {
  if (status !== 0)
    return operationFault("SIGNER_FAILED", { reason: "command", status: status ?? undefined });
  return printed.length < SIGNATURE_BYTES
    ? operationFault("SIGNER_FAILED", { reason: "command-short" })
    : ok(printed);
}

function killGroup(leader: number): void {
  // Refused if all of them have ended by themselves.
  attempt(() => process.kill(HAS_GROUPS ? -leader : leader, "SIGKILL"));
}
