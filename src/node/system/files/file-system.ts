/**
 * The part of node:fs that touches files which an attacker may have prepared. A port, so that a test can make
 * any single call fail. Synchronous, so that the order of calls is the order of the code.
 *
 * @module
 */

import { constants } from "node:fs";
import { tolerate } from "../runtime/machine-reason.ts";
import { isWindows } from "../runtime/this-system.ts";

/** The system calls that runseal makes below an anchored folder. */
export type FileSystem = NodeCalls & {
  /**
   * Makes a whole file system durable, given one of its open folders. Node has no syncfs(2): by default the program `sync` makes
   * the call. Gives whether everything is known to be on the disk.
   */
  readonly syncWhole?: (folder: number) => Promise<boolean>;
};

type NodeCalls = Pick<
  typeof import("node:fs"),
  | "accessSync"
  | "closeSync"
  | "copyFileSync"
  | "fchmodSync"
  | "fchownSync"
  | "fstatSync"
  | "fsyncSync"
  | "ftruncateSync"
  | "linkSync"
  | "lstatSync"
  | "mkdirSync"
  | "openSync"
  | "readSync"
  | "readdirSync"
  | "readlinkSync"
  | "renameSync"
  | "rmdirSync"
  | "symlinkSync"
  | "unlinkSync"
  | "writeSync"
>;

/** The real one. Not an import of all names: a bundler copies those into an object whose getters made each call slow. */
const nodeCalls: FileSystem = process.getBuiltinModule("node:fs");

/** The same; on Windows with its own fsync. */
export const nodeFileSystem: FileSystem = isWindows ? { ...nodeCalls, fsyncSync: syncOnWindows } : nodeCalls;

/** Windows syncs no folders, and files only for a process that may write to them. */
function syncOnWindows(fd: number): void {
  if (nodeCalls.fstatSync(fd).isFile()) tolerate(["EPERM"], () => nodeCalls.fsyncSync(fd));
}

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } =
  constants;

/** A folder, never through a link: a symlink gives ENOTDIR or ELOOP. */
export const OPEN_FOLDER: number = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

/** A folder that the caller named; the name may be a link. */
export const OPEN_NAMED_FOLDER: number = O_RDONLY | O_DIRECTORY;

/** A file to read: no link, no terminal, and no waiting for the other end of a FIFO. Check isFile afterwards. */
export const OPEN_SOURCE: number = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/**
 * From asm-generic/fcntl.h; Node has no name for it. Opens a file without a name in the file system of a folder, which is gone when
 * it is closed. With O_DIRECTORY, which gives older kernels EISDIR instead of a file.
 */
export const O_TMPFILE: number = 0o20_000_000 | O_DIRECTORY;

/** A file whose bytes are made durable. Windows syncs it only for a process that may write to it. */
export const OPEN_TO_SYNC: number = isWindows ? O_RDWR : OPEN_SOURCE;

/** A new file: fails with EEXIST if anything has the name, even a dangling link. */
export const OPEN_NEW: number = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** The same, for a caller that reads the written bytes again. */
export const OPEN_NEW_TO_READ: number = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
