/**
 * File systems of their own in a folder, for as long as they aren't disposed of: small, read-only, without this or
 * that. It takes root, and a machine that lets root mount; `obstacle` says why not.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, removeTree } from "./tree.ts";

/** A program that did not do it, and what it said. */
function run(program: string, args: readonly string[]): string | undefined {
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined) return `there is no ${program} here`;
  return status === 0 ? undefined : `${program}: ${stderr.trim()}`;
}

/** A mounted file system. */
export class MountedFolder implements Disposable {
  /** The folder that it is mounted on, empty but for what the file system itself has there. */
  readonly folder: string;
  /** Why it isn't mounted; undefined where it is. */
  readonly obstacle: string | undefined;
  readonly #home: string;

  private constructor(home: string, folder: string, mount: (folder: string) => string | undefined) {
    this.#home = home;
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.obstacle = mount(folder);
  }

  /** Memory with bounds, such as `size=64k`, `nr_inodes=20`, `ro`. */
  static tmpfs(options: string): MountedFolder {
    const home = makeFolder();
    return new MountedFolder(home, join(home, "disk"), (folder) =>
      run("mount", ["-t", "tmpfs", "-o", options, "none", folder]),
    );
  }

  /** A file that is formatted and mounted. */
  static formatted(program: string, args: readonly string[], kilobytes: number): MountedFolder {
    const home = makeFolder();
    const image = join(home, "image");
    writeFileSync(image, "");
    truncateSync(image, kilobytes * 1024);
    return new MountedFolder(
      home,
      join(home, "disk"),
      (folder) => run(program, [...args, image]) ?? run("mount", ["-o", "loop", image, folder]),
    );
  }

  /** An ext4 of so many kilobytes and files. */
  static ext4(kilobytes: number, inodes: number): MountedFolder {
    const args = ["-q", "-F", "-b", "1024", "-m", "0", "-O", "^has_journal", "-N", String(inodes)];
    return MountedFolder.formatted("mkfs.ext4", args, kilobytes);
  }

  /** A file system of a type with as much room as its program asks for, mounted with `options` and made with `making`. */
  static typed(
    type: "btrfs" | "ext4" | "vfat" | "xfs",
    options: readonly string[] = [],
    making: readonly string[] = [],
  ): MountedFolder {
    const home = makeFolder();
    const image = join(home, "image");
    writeFileSync(image, "");
    // XFS takes no less than 300 MiB. The file has no blocks until they are written.
    truncateSync(image, 320 * 1024 * 1024);
    const quiet = { btrfs: ["-q"], ext4: ["-q", "-F"], vfat: [], xfs: ["-q"] }[type];
    return new MountedFolder(
      home,
      join(home, "disk"),
      (folder) =>
        run(`mkfs.${type}`, [...quiet, ...making, image]) ??
        run("mount", ["-o", ["loop", ...options].join(","), image, folder]),
    );
  }

  /** Another file system in a folder of a target. */
  static inside(folder: string, type: "tmpfs" | "bind", source: string): MountedFolder {
    const home = makeFolder();
    const how = type === "bind" ? ["--bind", source] : ["-t", "tmpfs", source];
    return new MountedFolder(home, folder, (at) => run("mount", [...how, at]));
  }

  /** Mounts the image once more: the same files on a device that may have another number. `meanwhile` may write to the image. */
  remount(options: readonly string[] = [], meanwhile?: (image: string) => void): void {
    const image = join(this.#home, "image");
    const unmounted = run("umount", [this.folder]);
    if (unmounted === undefined) meanwhile?.(image);
    const failed = unmounted ?? run("mount", ["-o", ["loop", ...options].join(","), image, this.folder]);
    if (failed !== undefined) throw new Error(failed);
  }

  [Symbol.dispose](): void {
    if (this.obstacle === undefined) {
      const failed = run("umount", [this.folder]) && run("umount", ["-l", this.folder]);
      if (failed !== undefined) throw new Error(failed);
    }
    removeTree(this.#home);
  }
}

/** A file or folder that can't be changed, or only be added to, for as long as that isn't disposed of. */
export class Attribute implements Disposable {
  readonly obstacle: string | undefined;
  readonly #path: string;
  readonly #letter: "i" | "a";

  constructor(path: string, letter: "i" | "a") {
    this.#path = path;
    this.#letter = letter;
    this.obstacle = run("chattr", [`+${letter}`, path]);
  }

  [Symbol.dispose](): void {
    if (this.obstacle === undefined) run("chattr", [`-${this.#letter}`, this.#path]);
  }
}
