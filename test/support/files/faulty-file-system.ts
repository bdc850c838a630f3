/**
 * The file-system port, made to fail or to be interfered with at one chosen call.
 *
 * @module
 */

import { closeSync, constants } from "node:fs";
import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";

/** The name of one call of the port. */
export type CallName = keyof FileSystem;

/** One call. `address` is its first argument where that is a path. */
export interface Call {
  readonly name: CallName;
  readonly args: readonly unknown[];
  readonly address: string;
}

/** Stands between a restore and the system: gives what the call gives, or something else, or throws. */
export type Interceptor = (call: Call, proceed: () => unknown) => unknown;

/** The calls that change something on the disk. */
const MUTATING: readonly CallName[] = [
  "mkdirSync",
  "openSync",
  "writeSync",
  "copyFileSync",
  "ftruncateSync",
  "fchmodSync",
  "fsyncSync",
  "linkSync",
  "symlinkSync",
  "syncWhole",
  "unlinkSync",
  "rmdirSync",
  "renameSync",
];

const ALL: readonly CallName[] = [
  ...MUTATING,
  "accessSync",
  "closeSync",
  "fstatSync",
  "lstatSync",
  "readSync",
  "readdirSync",
  "readlinkSync",
];

/** The errors that disks and file systems really give. */
export const ERRNOS = {
  EIO: -5,
  ENOSPC: -28,
  EACCES: -13,
  EEXIST: -17,
  EXDEV: -18,
  EMFILE: -24,
  EPERM: -1,
} as const;

/** The name of one of them. */
export type Errno = keyof typeof ERRNOS;

/** Which call fails, counted from 0, and how. */
export interface Fault {
  /** Which calls are counted: those that change something on the disk, those that only look, or every one. */
  readonly kind: "change" | "look" | "any";
  readonly at: number;
  readonly errno: Errno;
  /** `after`: the call did its work and fails all the same, as when its answer is lost. */
  readonly when: "before" | "after";
  /** Every later call of the kind fails too: nothing can be undone any more. */
  readonly persists: boolean;
  /** Every later rename fails with ENOSPC: the folders have no room for names, and names can only be removed. */
  readonly fills?: boolean;
}

/** A port that asks the interceptor at every call; what goes on goes to the port `below`. */
export function interceptFileSystem(intercept: Interceptor, below: FileSystem = nodeFileSystem): FileSystem {
  const wrapped = ALL.map((name): [CallName, unknown] => {
    const real = (below[name] ?? spareSync) as (...args: readonly unknown[]) => unknown;
    const call = (...args: readonly unknown[]): unknown => {
      const address = typeof args[0] === "string" ? args[0] : "";
      return intercept({ name, args, address }, () => real(...args));
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as unknown as FileSystem;
}

/** These disks are never cut off: a real sync of a whole file system would only cost time. */
async function spareSync(): Promise<boolean> {
  return true;
}

/** A port that fails as told, if at all, and counts the calls of the fault's kind. */
export function faultyFileSystem(fault: Fault): {
  readonly fs: FileSystem;
  readonly calls: CallName[];
} {
  const calls: CallName[] = [];
  const fs = interceptFileSystem((call, proceed) => {
    const isFull = fault.fills === true && calls.length > fault.at;
    if (isFull && call.name === "renameSync") throw systemError("ENOSPC", call.name);
    if (!isCounted(call, fault.kind)) return proceed();
    const act = call.name === "fsyncSync" ? spared : proceed;
    const number = calls.push(call.name) - 1;
    const fails = fault.persists ? number >= fault.at : number === fault.at;
    if (!fails) return act();
    // Linux lets go of a descriptor whatever close(2) answers.
    if (fault.when === "after" || call.name === "closeSync") forgetAnswer(call, act());
    throw systemError(fault.errno, call.name);
  });
  return { fs, calls };
}

/** A port with which something happens once: just before, or just after, the first call that fits. */
export function meddlingFileSystem(
  fits: (call: Call) => boolean,
  meddle: (call: Call) => void,
  when: "before" | "after" = "before",
): FileSystem {
  let pending = true;
  return interceptFileSystem((call, proceed) => {
    if (!pending || !fits(call)) return proceed();
    pending = false;
    if (when === "before") meddle(call);
    const answer = proceed();
    if (when === "after") meddle(call);
    return answer;
  });
}

/** Fits the making of a staging folder. */
export function isStaging({ name, address }: Call): boolean {
  return name === "mkdirSync" && address.includes("/.spectrum06_staging_");
}

/** Fits the call that puts a file of this name in place. */
export function puts(fileName: string): (call: Call) => boolean {
  return (call) => {
    const { address, args, name } = call;
    if (name === "linkSync" || name === "symlinkSync") return String(args[1]).endsWith(`/${fileName}`);
    // Into a new root files are put under their names from the beginning.
    return name === "openSync" && isMutating(call) && address.endsWith(`/${fileName}`);
  };
}

/** Whether a call changes something; an open does if it may create. */
export function isMutating({ name, args }: Call): boolean {
  if (name === "openSync") return typeof args[1] === "number" && (args[1] & constants.O_CREAT) !== 0;
  return MUTATING.includes(name);
}

function isCounted(call: Call, kind: Fault["kind"]): boolean {
  if (kind === "any") return true;
  return call.name !== "closeSync" && isMutating(call) === (kind === "change");
}

/** What Node throws for an errno. */
export function systemError(code: Errno, call: CallName): Error {
  const syscall = call.replace(/Sync$/, "");
  return Object.assign(new Error(`${code}: injected, ${syscall}`), { code, syscall, errno: ERRNOS[code] });
}

/** These disks are never cut off: a real fsync would only cost time. */
function spared(): void {
  return;
}

/** A kernel that fails an open after it created the file hands out no descriptor. */
function forgetAnswer({ name }: Call, answer: unknown): void {
  if (name === "openSync" && typeof answer === "number") closeSync(answer);
}
