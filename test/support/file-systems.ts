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

  /** Another file system in a folder of a target. */
  static inside(folder: string, type: "tmpfs" | "bind", source: string): MountedFolder {
    const home = makeFolder();
    const how = type === "bind" ? ["--bind", source] : ["-t", "tmpfs", source];
    return new MountedFolder(home, folder, (at) => run("mount", [...how, at]));
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
