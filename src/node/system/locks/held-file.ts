/**
 * A file that its owner holds open, where the system locks open files: Windows by a share mode, macOS by flock(2). The kernel lets go
 * of it when the process ends, for whatever reason. Node hands these flags of open(2) on.
 *
 * While it is in use the file has one byte. So a file that is left shows whether its owner was killed.
 *
 * @module
 */

import { constants } from "node:fs";
import type { MachineReason } from "../../../core/internal.ts";
import { nodeFileSystem as fs } from "../files/file-system.ts";
import { errnoOf, refusalOf, tolerate, unlessErrno } from "../runtime/machine-reason.ts";
import { isWindows } from "../runtime/this-system.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/** UV_FS_O_EXLOCK of libuv, and O_EXLOCK of macOS: no other process has the file open, or has it locked. */
const EXCLUSIVE = isWindows ? 0x1000_0000 : 0x20 | O_NONBLOCK;

/** On macOS O_SHLOCK. Those who only look don't keep each other out. Windows keeps out every other opener by itself. */
const SHARED = isWindows ? O_RDONLY : O_RDONLY | 0x10 | O_NONBLOCK;

/** What open(2) answers while another process holds the file. */
const HELD = ["EBUSY", "EAGAIN"];

/** A file that this process holds. */
export class HeldFile {
  readonly #address: string;
  #fd: number | undefined;
  /** Whether the previous owner was killed. */
  readonly fromDead: boolean;

  private constructor(address: string, fd: number) {
    this.#address = address;
    this.#fd = fd;
    this.fromDead = fs.fstatSync(fd).size > 0;
  }

  /** Marks that the file is in use. Throws what the system says, as of a full disk; then it is let go of. */
  static #use(file: HeldFile, fd: number): HeldFile {
    let isMarked = file.fromDead;
    try {
      if (!isMarked) fs.writeSync(fd, "1");
      isMarked = true;
      return file;
    } finally {
      if (!isMarked) file.close();
    }
  }

  /** Makes a file and holds it. Throws what the system says, EEXIST where the name is taken. */
  static make(address: string): HeldFile {
    const fd = fs.openSync(address, O_RDWR | O_CREAT | O_EXCL | EXCLUSIVE, 0o600);
    return HeldFile.#use(new HeldFile(address, fd), fd);
  }

  /** Holds a file, which is made if it is missing. `undefined` while another process holds it. Throws what the system says otherwise. */
  static take(address: string): HeldFile | undefined {
    const fd = openUnlessHeld(address, O_RDWR | O_CREAT | O_NOFOLLOW | EXCLUSIVE);
    if (fd === undefined) return undefined;
    // Its owner may have removed the name since: then another process may hold another file of this name.
    const there = fs.lstatSync(address, { bigint: true, throwIfNoEntry: false });
    if (there?.ino === fs.fstatSync(fd, { bigint: true }).ino)
      return HeldFile.#use(new HeldFile(address, fd), fd);
    fs.closeSync(fd);
    return undefined;
  }

  /** Removes the file and lets go of it. Gives why the system refused to remove it; it can be held again all the same. */
  close(): MachineReason | undefined {
    const fd = this.#fd;
    if (fd === undefined) return undefined;
    this.#fd = undefined;
    const emptied = refusalOf(() => fs.ftruncateSync(fd, 0));
    const unlink = (): MachineReason | undefined =>
      refusalOf(() => tolerate(["ENOENT", ...HELD], () => fs.unlinkSync(this.#address)));
    // Windows unlinks no file that is held; elsewhere the name goes first, or the next owner's would.
    const unlinked = isWindows ? undefined : unlink();
    fs.closeSync(fd);
    return emptied ?? unlinked ?? (isWindows ? unlink() : undefined);
  }
}

/** Whether a process holds the file at an address. `false` if it is missing. In doubt, as without permission, `true`. */
export function isFileHeld(address: string): boolean {
  try {
    fs.closeSync(fs.openSync(address, SHARED | O_NOFOLLOW));
    return false;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === undefined) throw thrown;
    return errno !== "ENOENT";
  }
}

function openUnlessHeld(address: string, flags: number): number | undefined {
  return unlessErrno(HELD, () => fs.openSync(address, flags, 0o600));
}
