/**
 * A folder held by descriptor. `/proc/PID/fd/N/name` behaves like openat(2): the magic link jumps to
 * the inode without walking a path, and exactly one component is looked up. An attacker who swaps a
 * folder for a symlink between two calls changes nothing: no path is resolved twice (H-04).
 *
 * On other systems, Node has no such way, and names are joined to the folder's path. For reading that is enough: an attacker can
 * only show bytes that fail their digest. A call that changes a folder looks before and after whether the path still leads to the folder
 * that was opened, and throws ESTALE where it does not. Between look and call another process of this user can exchange folders.
 *
 * @module
 */

import {
  type BigIntStats,
  constants,
  type Dirent,
  fstatSync,
  opendirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statfsSync,
  statSync,
} from "node:fs";
import { publishCause } from "../runtime/cause-channel.ts";
import { errnoOf, unlessErrno } from "../runtime/machine-reason.ts";
import { isLinux, isWindows } from "../runtime/this-system.ts";
import { type FileSystem, nodeFileSystem, OPEN_FOLDER, OPEN_NAMED_FOLDER } from "./file-system.ts";
import { mayOthersExchange } from "./folder-owners.ts";
import { pathComponents } from "./path-components.ts";

/** `f_type` of procfs, from linux/magic.h. */
const PROC_SUPER_MAGIC = 0x9fa0;

/** A folder held open. The caller that opened it closes it. */
export class AnchoredDir implements Disposable {
  readonly fd: number;
  readonly #prefix: string;
  readonly #fs: FileSystem;
  readonly #isByPath: boolean;
  /** Whether no folder below may be changed that another user could exchange. */
  #keepsOthersOut = false;
  /** Whether this is such a folder. */
  #isExposed = false;

  /** Takes over a descriptor. `path` is used only where folders can't be entered by descriptor. */
  constructor(fd: number, path: string, fs: FileSystem) {
    this.fd = fd;
    const descriptors = ownDescriptors();
    this.#isByPath = descriptors === undefined;
    this.#prefix = descriptors === undefined ? path : `${descriptors}/${fd}`;
    this.#fs = fs;
  }

  /** Opens a folder that the caller named. Links are followed: a user expects that of a name that the user gives. */
  static open(path: string, fs: FileSystem = nodeFileSystem): AnchoredDir {
    const fd = fs.openSync(path, OPEN_NAMED_FOLDER);
    try {
      return new AnchoredDir(fd, canAnchor() ? path : realpathSync.native(path), fs);
    } catch (thrown) {
      fs.closeSync(fd);
      throw thrown;
    }
  }

  /** The address of one name in this folder, for any call of `FileSystem`. One component, or a RangeError: a bug. */
  address(name: string): string {
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
      throw new RangeError("a name in a folder is one component");
    }
    return `${this.#prefix}/${name}`;
  }

  /** The address of the folder itself, for listing it. */
  get self(): string {
    return `${this.#prefix}/.`;
  }

  /** Opens a name, as open(2). This and the next calls throw what the system says. */
  open(name: string, flags: number, mode?: number): number {
    const open = (): number => this.#fs.openSync(this.address(name), flags, mode);
    if ((flags & constants.O_CREAT) === 0) return open();
    let fd: number | undefined;
    try {
      return this.change(() => (fd = open()));
    } catch (thrown) {
      if (fd !== undefined) this.#fs.closeSync(fd);
      throw thrown;
    }
  }

  /** What lstat says of a name; `undefined` if it is missing. */
  lstat(name: string): Stats | undefined {
    return this.#fs.lstatSync(this.address(name), { throwIfNoEntry: false });
  }

  /** The same with all digits of numbers and times. */
  stats(name: string): BigIntStats | undefined {
    return this.#fs.lstatSync(this.address(name), { bigint: true, throwIfNoEntry: false });
  }

  /** Which file or folder has a name; one that is missing is an error. */
  identity(name: string): { readonly dev: bigint; readonly ino: bigint } {
    const { dev, ino } = this.#fs.lstatSync(this.address(name), { bigint: true });
    return { dev, ino };
  }

  /** The target of a link. */
  readlink(name: string): string {
    return this.#fs.readlinkSync(this.address(name));
  }

  /** The same as bytes: the text of a target that is not UTF-8 loses some. */
  readlinkBytes(name: string): Buffer {
    return this.#fs.readlinkSync(this.address(name), { encoding: "buffer" });
  }

  /** The names in this folder. */
  names(): string[] {
    return this.#fs.readdirSync(this.self);
  }

  /** Makes a folder. */
  mkdir(name: string, mode: number): void {
    this.change(() => this.#fs.mkdirSync(this.address(name), mode));
  }

  /** Makes a link that leads to a target. */
  symlink(target: string, name: string): void {
    this.change(() => this.#fs.symlinkSync(target, this.address(name)));
  }

  /** Gives what has a name here another one, which may be in another folder, and replaces what has that. */
  rename(name: string, to: AnchoredDir, other: string): void {
    this.change(() => this.#fs.renameSync(this.address(name), to.address(other)), to);
  }

  /** Gives a file a second name, never over another one. */
  link(name: string, to: AnchoredDir, other: string): void {
    this.change(() => this.#fs.linkSync(this.address(name), to.address(other)), to);
  }

  /** Removes a name that is not a folder. */
  unlink(name: string): void {
    this.change(() => this.#fs.unlinkSync(this.address(name)));
  }

  /** Removes an empty folder. */
  rmdir(name: string): void {
    this.change(() => this.#fs.rmdirSync(this.address(name)));
  }

  /** Enters a folder in this one, never through a link. Throws what open(2) says. */
  enter(name: string): AnchoredDir {
    const address = this.address(name);
    if (isWindows) this.#checkFolder(name);
    const entered = new AnchoredDir(this.#fs.openSync(address, OPEN_FOLDER), address, this.#fs);
    if (!this.#isByPath) return entered;
    try {
      // What is opened may get another mode: it must be what was in this folder.
      this.#checkSame();
      if (this.#keepsOthersOut) entered.#keepOthersOutBelow(this);
      return entered;
    } catch (thrown) {
      entered.close();
      throw thrown;
    }
  }

  #keepOthersOutBelow(above: AnchoredDir): void {
    const [folder, entry] = [above.fd, this.fd].map((fd) => this.#fs.fstatSync(fd));
    this.#isExposed =
      above.#isExposed || folder === undefined || entry === undefined || mayOthersExchange(folder, entry);
    this.#keepsOthersOut = true;
  }

  /** Windows opens a file as it opens a folder, and the folder that a junction leads to. */
  #checkFolder(name: string): void {
    const found = this.#fs.lstatSync(this.address(name));
    if (!found.isDirectory()) throw refusal("ENOTDIR", "not a folder");
  }

  /**
   * From now on, where folders are reached by path, refuses to change a folder below this one that another user could exchange for a link
   * to another folder: one in a folder that others may write to.
   */
  keepOthersOut(): void {
    this.#keepsOthersOut = this.#isByPath;
  }

  /** Makes a call that changes this folder by an address in it, and another folder. */
  change<Value>(call: () => Value, other: AnchoredDir = this): Value {
    if (!this.#isByPath) return call();
    const folders = other === this ? [this] : [this, other];
    for (const folder of folders) folder.#checkPlace();
    const value = call();
    for (const folder of folders) folder.#checkPlace();
    return value;
  }

  /** Throws ESHARED if another user could exchange the folder, and as `#checkSame`. */
  #checkPlace(): void {
    if (this.#isExposed) throw refusal("ESHARED", "another user may exchange the folder");
    this.#checkSame();
  }

  /** Throws ESTALE if the path does not lead to the folder that was opened: itself or one above it was exchanged, or became a link. */
  #checkSame(): void {
    const held = this.#fs.fstatSync(this.fd, { bigint: true });
    const found = this.#fs.lstatSync(this.#prefix, { bigint: true, throwIfNoEntry: false });
    // While it is open, no other folder has its inode.
    if (found?.isDirectory() && found.ino === held.ino && found.dev === held.dev) return;
    throw refusal("ESTALE", "another folder has the path of an open one");
  }

  /** The same, or `undefined` if the name is missing. */
  enterIfThere(name: string): AnchoredDir | undefined {
    return unlessErrno(["ENOENT"], () => this.enter(name));
  }

  /** Whether a name in this folder is taken. */
  has(name: string): boolean {
    return this.lstat(name) !== undefined;
  }

  /** The entries of the folder one by one, so that a million of them cost no memory. Throws what the system says. */
  *entries(): Generator<Dirent> {
    const entries = opendirSync(this.self);
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) yield entry;
    } finally {
      entries.closeSync();
    }
  }

  /** Closes the folder. Linux does so even if close(2) fails, and nothing was written through it: the error is only logged. */
  close(): void {
    try {
      this.#fs.closeSync(this.fd);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === undefined || errno === "EBADF") throw thrown;
      publishCause(thrown);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** In the form of the system's errors. */
function refusal(code: "ENOTDIR" | "ESHARED" | "ESTALE", message: string): Error {
  return Object.assign(new Error(message), { code, syscall: "lstat" });
}

/** Where this process's descriptors have names; null until it is known. */
let descriptors: string | undefined | null = null;

/** Whether folders can be entered by descriptor here. */
export function canAnchor(): boolean {
  return ownDescriptors() !== undefined;
}

/**
 * Where this process's descriptors have names, if anywhere. By its number, as /proc itself gives it: through `/proc/self`
 * every single call would follow one more link.
 */
function ownDescriptors(): string | undefined {
  if (descriptors === null) descriptors = isLinux ? probe() : undefined;
  return descriptors;
}

/** In doubt `undefined`: /proc must be the real procfs, and its links must lead to the very folder that was opened. */
function probe(): string | undefined {
  const fd = nodeFileSystem.openSync("/", OPEN_NAMED_FOLDER);
  try {
    if (statfsSync("/proc/self/fd").type !== PROC_SUPER_MAGIC) return undefined;
    const own = `/proc/${readlinkSync("/proc/self")}/fd`;
    const through = statSync(`${own}/${fd}/.`, { bigint: true });
    const direct = fstatSync(fd, { bigint: true });
    return through.ino === direct.ino && through.dev === direct.dev ? own : undefined;
  } catch (thrown) {
    // A container may have no /proc, or something else of that name.
    if (!["ENOENT", "ENOTDIR", "EACCES"].includes(errnoOf(thrown) ?? "")) throw thrown;
    publishCause(thrown);
    return undefined;
  } finally {
    nodeFileSystem.closeSync(fd);
  }
}

/** Whether a path still leads to the folder that is held open, links on the way followed. Throws what open(2) says. */
export function stillLeadsTo(path: string, dir: AnchoredDir, fs: FileSystem): boolean {
  const held = fs.fstatSync(dir.fd, { bigint: true });
  const fd = fs.openSync(path, OPEN_NAMED_FOLDER);
  try {
    const found = fs.fstatSync(fd, { bigint: true });
    return found.ino === held.ino && found.dev === held.dev;
  } finally {
    fs.closeSync(fd);
  }
}

/** The real path of an open folder, as components. Read from the descriptor where that is possible. */
export function realComponents(dir: AnchoredDir, path: string): readonly string[] {
  const descriptors = ownDescriptors();
  const real =
    descriptors === undefined
      ? realpathSync.native(path)
      : nodeFileSystem.readlinkSync(`${descriptors}/${dir.fd}`);
  return pathComponents(String(real));
}

/** Whether the caller may make entries in a folder, by access(2); throws where not. */
export function checkWritable(dir: AnchoredDir, fs: FileSystem): void {
  fs.accessSync(dir.self, constants.W_OK | constants.X_OK);
}

/** Whether a file or folder belongs to this user, and no other user may write it. True where the system has no owners. */
export function isOursAlone({ mode, uid }: { readonly mode: number; readonly uid: number }): boolean {
  return process.geteuid === undefined || (uid === process.geteuid() && (mode & 0o022) === 0);
}

/**
 * Whether an open folder belongs to this user and is closed to all others. A folder that was made by its name may be
 * another one: the owner of the folder above can exchange it before it is opened.
 */
export function isClosedToOthers(dir: AnchoredDir, fs: FileSystem): boolean {
  const stats = fs.fstatSync(dir.fd);
  return process.geteuid === undefined || (isOursAlone(stats) && (stats.mode & 0o077) === 0);
}
