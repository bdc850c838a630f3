/**
 * The places that a variable of the environment can name as a passphrase's source: a file, a descriptor, a
 * command, or the variable itself. Each is read completely, and one line end is removed.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { isatty } from "node:tty";
import { publishCause } from "../../system/runtime/cause-channel.ts";
import { ticks } from "../../system/runtime/interruption.ts";
import { machineReason, unlessRefused } from "../../system/runtime/machine-reason.ts";
import { isWindows } from "../../system/runtime/this-system.ts";
import { SecretBytes } from "../secret-bytes.ts";
import { openKernelPipe } from "./kernel-pipe.ts";
import { pause, readSecret } from "./read-secret.ts";

/** The most bytes of a passphrase. */
export const MAX_PASSPHRASE_BYTES = 1024;

/** One byte more than the longest with its CRLF, so that a longer one is noticed. */
const READ_BYTES: number = MAX_PASSPHRASE_BYTES + 3;

/** No human is asked here, but a command may ask one. */
const PATIENCE_MS = 120_000;

/** How a source is named: by the end of the variable's name. */
export type SourceKind = "FD" | "FILE" | "COMMAND" | "VARIABLE";

/** A source that is set. */
export interface PassphraseSource {
  readonly kind: SourceKind;
  /** The variable, which may be shown. */
  readonly variable: string;
  /** Its value, which may not. */
  readonly value: string;
}

/** What a source needs of its surroundings. */
export interface SourceSetting {
  readonly environment: { readonly [name: string]: string | undefined };
  readonly signal?: AbortSignal | undefined;
}

/** Why a source gives no passphrase. */
export type SourceFailure = "empty" | "too-long" | "unreadable" | "unsupported";

/** Reads a source. The passphrase is the caller's to dispose of. Throws an Interruption. */
export async function readSource(
  source: PassphraseSource,
  setting: SourceSetting,
): Promise<SecretBytes | SourceFailure> {
  if (source.value === "") return "empty";
  // There is neither sh nor mkfifo(1).
  if (source.kind === "COMMAND" && isWindows) return "unsupported";
  using text = new SecretBytes(READ_BYTES);
  try {
    const length = await readInto(source, text, setting);
    return length === undefined ? "unreadable" : withoutLineEnd(text, length);
  } catch (thrown) {
    if (machineReason(thrown) === undefined) throw thrown;
    return "unreadable";
  }
}

/** The first bytes as a passphrase of its own, without one line end. */
export function withoutLineEnd(text: SecretBytes, length: number): SecretBytes | SourceFailure {
  return text.use((bytes) => {
    let end = length;
    if (bytes[end - 1] === 0x0a) {
      end--;
      if (bytes[end - 1] === 0x0d) end--;
    }
    if (end > MAX_PASSPHRASE_BYTES) return "too-long";
    return end === 0 ? "empty" : copyOf(bytes.subarray(0, end));
  });
}

function copyOf(bytes: Buffer): SecretBytes {
  const copy = new SecretBytes(bytes.length);
  copy.use((target) => bytes.copy(target));
  return copy;
}

function readInto(
  { kind, value }: PassphraseSource,
  text: SecretBytes,
  setting: SourceSetting,
): Promise<number | undefined> {
  switch (kind) {
    case "FD":
      return readDescriptor(value, text, setting);
    case "FILE":
      return readFile(value, text, setting);
    case "COMMAND":
      return readCommand(value, text, setting);
    case "VARIABLE":
      return Promise.resolve(text.use((bytes) => bytes.write(value)));
  }
}

async function readFile(
  path: string,
  text: SecretBytes,
  setting: SourceSetting,
): Promise<number | undefined> {
  const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;
  // Without waiting: a FIFO without a writer is an empty file. Links are followed, as Kubernetes' secrets are links.
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    return isatty(fd) ? undefined : await read(fd, text, setting);
  } finally {
    closeSync(fd);
  }
}

/**
 * Reads a descriptor that the caller left open, which stays open. `undefined` for a terminal, for what is not a descriptor, and if
 * nothing comes for two minutes. Throws what the system says, and an Interruption.
 */
export async function readDescriptor(
  value: string,
  text: SecretBytes,
  setting: SourceSetting,
): Promise<number | undefined> {
  if (!/^[0-9]{1,9}$/.test(value)) return undefined;
  const fd = Number(value);
  const stats = fstatSync(fd);
  // Node's own descriptors are of other kinds.
  if (!stats.isFIFO() && !stats.isFile() && !stats.isSocket() && !stats.isCharacterDevice()) return undefined;
  // A terminal would show what is typed; it is asked where no variable is set.
  if (isatty(fd)) return undefined;
  if (stats.isSocket()) stopWaiting(fd);
  const again = stats.isFIFO() ? reopen(fd) : undefined;
  try {
    return await read(again ?? fd, text, setting);
  } finally {
    if (again !== undefined) closeSync(again);
  }
}

/** The same pipe by a descriptor that does not wait, so that signals are heard meanwhile; Linux has a way. */
function reopen(fd: number): number | undefined {
  return unlessRefused(() => openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK));
}

/** A socket can't be opened again. libuv makes of it one that does not wait; nothing is read by way of it. */
function stopWaiting(fd: number): void {
  new Socket({ fd, readable: false, writable: true }).unref();
}

/**
 * Runs a shell command and reads what it prints. Its stderr is not shown: it could repeat what must not
 * be seen. stdin is empty; a command that asks a person has /dev/tty.
 */
async function readCommand(
  command: string,
  text: SecretBytes,
  setting: SourceSetting,
): Promise<number | undefined> {
  using pipe = openKernelPipe();
  if (pipe === undefined) return undefined;
  const child = spawn("sh", ["-c", command], {
    stdio: ["ignore", pipe.writer, "ignore"],
    env: { ...setting.environment },
  });
  let status: number | null | undefined;
  child.once("error", (error) => {
    publishCause(error);
    status = null;
  });
  child.once("exit", (code) => {
    status = code;
  });
  pipe.close(pipe.writer);
  const deadline = ticks() + PATIENCE_MS;
  try {
    const length = await read(pipe.reader, text, setting, () => status !== undefined);
    // More than a passphrase can have: no need to hear the rest.
    if (length === undefined || length === READ_BYTES) return length;
    while (status === undefined && ticks() < deadline) await pause(setting.signal);
    return status === 0 ? length : undefined;
  } finally {
    if (status === undefined) child.kill("SIGKILL");
  }
}

function read(
  fd: number,
  text: SecretBytes,
  { signal }: SourceSetting,
  isOver: () => boolean = () => false,
): Promise<number | undefined> {
  return text.use((bytes) => readSecret(fd, bytes, { milliseconds: PATIENCE_MS, signal, isOver }));
}
