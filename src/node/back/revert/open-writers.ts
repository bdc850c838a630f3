/**
 * Which processes write to files that a revert moves aside: open for writing, or mapped shared and writable. What such a process
 * writes after the move goes to the old file, and is lost with it.
 *
 * Each process is looked at by /proc; without it, as on macOS and Windows, none is found. A process that ends meanwhile, or that this user may not look at, is passed over.
 *
 * @module
 */

import { accessSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { OpenFile } from "../../../core/internal.ts";
import type { FileIdentity } from "../../system/files/made-entry.ts";
import { unlessErrno } from "../../system/runtime/machine-reason.ts";

/** A file to look for, by device and inode. */
export interface SoughtFile extends FileIdentity {
  readonly path: string;
}

/** The bits of a descriptor's flags that tell reading (0) from writing (fcntl(2)). */
const ACCESS_MODE = 0o3;

/** A line of /proc/PID/maps: range, permissions, offset, device, inode, and the path if there is one (proc(5)). */
const MAP_LINE = /^([0-9a-f]+-[0-9a-f]+) (\S{4}) \S+ (\S+) (\d+) *(.*)$/;

/** Errors of a process that has ended, or of another user. ESRCH: it ended between two calls. */
const PASSED_OVER = ["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR", "ELOOP"];

/** Finds the processes other than this one that write to one of the files. By process, then by path in the order given. */
export function findOpenWriters(sought: Iterable<SoughtFile>, proc = "/proc"): readonly OpenFile[] {
  const files = new SoughtFiles(sought);
  if (files.isEmpty) return [];
  const found: OpenFile[] = [];
  for (const name of unlessErrno(PASSED_OVER, () => readdirSync(proc)) ?? []) {
    const pid = Number(name);
    if (!/^\d+$/.test(name) || pid === process.pid) continue;
    const folder = `${proc}/${name}`;
    const paths = new Set([...openPaths(folder, files), ...mappedPaths(folder, files)]);
    if (paths.size === 0) continue;
    const command = commandOf(folder);
    for (const path of files.inOrder(paths)) found.push({ path, pid, command });
  }
  return found.sort((left, right) => left.pid - right.pid);
}

/** The sought files by inode: most descriptors are passed over by the number alone, without a look at their file. */
class SoughtFiles {
  readonly #byInode = new Map<bigint, SoughtFile[]>();
  readonly #order = new Map<string, number>();

  constructor(sought: Iterable<SoughtFile>) {
    for (const file of sought) {
      this.#byInode.set(file.ino, [...(this.#byInode.get(file.ino) ?? []), file]);
      this.#order.set(file.path, this.#order.size);
    }
  }

  get isEmpty(): boolean {
    return this.#order.size === 0;
  }

  hasInode(inode: string): boolean {
    return this.#byInode.has(BigInt(inode));
  }

  /** The paths of a file; several, if it has several names. */
  pathsOf({ dev, ino }: FileIdentity): readonly string[] {
    const files = this.#byInode.get(ino) ?? [];
    return files.filter((file) => file.dev === dev).map(({ path }) => path);
  }

  inOrder(paths: ReadonlySet<string>): readonly string[] {
    const order = (path: string): number => this.#order.get(path) ?? 0;
    return [...paths].sort((left, right) => order(left) - order(right));
  }
}

function openPaths(folder: string, files: SoughtFiles): readonly string[] {
  const descriptors = unlessErrno(PASSED_OVER, () => readdirSync(`${folder}/fd`)) ?? [];
  return descriptors.flatMap((name) => {
    const info = unlessErrno(PASSED_OVER, () => readFileSync(`${folder}/fdinfo/${name}`, "latin1"));
    const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info ?? "")?.[1] ?? "0", 8);
    if ((flags & ACCESS_MODE) === 0) return [];
    // Since Linux 5.14. Before, each file that is open for writing is looked at.
    const inode = /^ino:\s*(\d+)$/m.exec(info ?? "")?.[1];
    if (inode !== undefined && !files.hasInode(inode)) return [];
    const stats = unlessErrno(PASSED_OVER, () => statSync(`${folder}/fd/${name}`, { bigint: true }));
    return stats === undefined ? [] : files.pathsOf(stats);
  });
}

function mappedPaths(folder: string, files: SoughtFiles): readonly string[] {
  const maps = unlessErrno(PASSED_OVER, () => readFileSync(`${folder}/maps`, "latin1")) ?? "";
  return maps.split("\n").flatMap((line) => {
    const [, range = "", permissions = "", device = "", inode = "0", name = ""] = MAP_LINE.exec(line) ?? [];
    const isWritten = permissions[1] === "w" && permissions[3] === "s";
    if (!isWritten || !files.hasInode(inode)) return [];
    const map = `${folder}/map_files/${range}`;
    const stats = unlessErrno(PASSED_OVER, () => {
      // Without a privilege, the system answers EPERM. On EPERM from statx(2), libuv asks stat(2) until the process ends, and
      // then each birth time is the time of the last change: the binding of a journal would be wrong.
      accessSync(map);
      return statSync(map, { bigint: true });
    });
    if (stats !== undefined) return files.pathsOf(stats);
    // Without a privilege, only the numbers in the line are left, and the name, which is not the device of stat(2) on btrfs.
    const named = unlessErrno(PASSED_OVER, () => statSync(Buffer.from(name, "latin1"), { bigint: true }));
    const dev = named?.ino === BigInt(inode) ? named.dev : deviceOf(device);
    return files.pathsOf({ dev, ino: BigInt(inode) });
  });
}

/** The number that stat(2) gives for `major:minor`, both in hex (makedev(3)). */
function deviceOf(text: string): bigint {
  const [major = 0n, minor = 0n] = text.split(":").map((digits) => BigInt(`0x${digits}`));
  return ((major & ~0xfffn) << 32n) | ((major & 0xfffn) << 8n) | ((minor & ~0xffn) << 12n) | (minor & 0xffn);
}

function commandOf(folder: string): string {
  const name = unlessErrno(PASSED_OVER, () => readFileSync(`${folder}/comm`, "utf8"));
  if (name !== undefined) return name.replace(/\n$/, "");
  return unlessErrno(PASSED_OVER, () => readlinkSync(`${folder}/exe`)) ?? "";
}
