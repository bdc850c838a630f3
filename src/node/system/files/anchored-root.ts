/**
 * A tree below one folder that is held by descriptor. Paths are walked one component at a time; a link
 * on the way is read and walked again from the root, so it is followed only while its real place stays
 * under the real root (PROTOCOL 8, phase 9, and 13.3, step 5).
 *
 * Nothing outside the root is read: an absolute link, or one that climbs out, must spell the root's own
 * real path to come back in. A link that needs another link outside to come back is refused.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { ok, type Result } from "../../../core/internal.ts";
import { errnoOf, reasonOf } from "../runtime/machine-reason.ts";
import { type OperationFault, operationFault } from "../runtime/operation-fault.ts";
import { allowedOpenFolders, FEWEST_OPEN_FOLDERS } from "../runtime/system-limits.ts";
import { AnchoredDir, realComponents } from "./anchored-dir.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { HAS_DRIVES, pathComponents } from "./path-components.ts";

/** As many links as Linux itself follows in one path. */
export const MAX_LINKS = 40;

/** Open folders kept for the next path by each of many threads. */
export const FEW_OPEN_FOLDERS = 16;

/** Where a path leads. */
export type Location =
  /** The folder that holds the last component, and that component's name, which is not looked up. */
  | {
      readonly kind: "entry";
      readonly dir: AnchoredDir;
      readonly name: string;
      readonly real: string;
      /** Whether a link was followed on the way. */
      readonly isThroughLink: boolean;
    }
  /** A folder on the way is missing, or is not a folder; `real` is the path as far as it was walked. */
  | { readonly kind: "missing" | "not-a-folder"; readonly real: string; readonly ahead: readonly string[] }
  /** A link leads out of the root, or in a circle. */
  | { readonly kind: "outside" };

/** A root and the folders below it that are open at the moment. */
export class AnchoredRoot implements Disposable {
  readonly dir: AnchoredDir;
  /** The real path of the root, as components. */
  readonly real: readonly string[];
  readonly #maxOpen: number;
  readonly #open = new Map<string, AnchoredDir>();
  /** The folder that `holder` gave last, as long as it is open. */
  #last: { readonly path: string; readonly dir: AnchoredDir } | undefined;

  /** At most `maxOpen` folders below the root are held open, four or more, and no more than descriptors allow. */
  constructor(dir: AnchoredDir, real: readonly string[], maxOpen: number = Number.POSITIVE_INFINITY) {
    this.dir = dir;
    this.real = real;
    this.#maxOpen = maxOpen;
  }

  /** Opens a root that the caller named. Throws what open(2) says. */
  static open(path: string, fs: FileSystem = nodeFileSystem): AnchoredRoot {
    return AnchoredRoot.adopt(AnchoredDir.open(path, fs), path);
  }

  /** Takes over a folder that was opened by its path. */
  static adopt(dir: AnchoredDir, path: string): AnchoredRoot {
    return new AnchoredRoot(dir, realComponents(dir, path));
  }

  /**
   * Walks to the folder that holds the last component of a path. Links on the way are followed; the last
   * component is not looked up. The folder stays open until later walks need its place: use it at once.
   */
  locate(path: string): Location {
    return this.#walk([...this.real], path.split("/"), false);
  }

  /** Follows the link at a location. Again the last component is not looked up. */
  follow(location: Extract<Location, { kind: "entry" }>): Location {
    const target = location.dir.readlink(location.name);
    const folder = location.real.split("/").slice(0, -1);
    return this.#walk([...this.real, ...folder], splitTarget(target), true);
  }

  /** Opens the folder at a real path below the root, given as components without links. */
  folder(components: readonly string[]): AnchoredDir {
    let dir = this.dir;
    let depth = components.length;
    for (; depth > 0; depth--) {
      const known = this.#recall(components.slice(0, depth).join("/"));
      if (known === undefined) continue;
      dir = known;
      break;
    }
    for (; depth < components.length; depth++) {
      const child = dir.enter(components[depth] ?? "");
      this.#remember(components.slice(0, depth + 1).join("/"), child);
      dir = child;
    }
    return dir;
  }

  /** Opens the folder that holds the last component of such a path. Neighbours cost little: they have the same. */
  holder(path: string): AnchoredDir {
    const end = path.lastIndexOf("/");
    if (end < 0) return this.dir;
    const last = this.#last;
    if (last?.path.length === end && path.startsWith(last.path)) return last.dir;
    const folder = path.slice(0, end);
    const dir = this.folder(folder.split("/"));
    this.#last = { path: folder, dir };
    return dir;
  }

  /** The address of such a path, for any call of `FileSystem`. Use it at once. */
  addressOf(path: string): string {
    return this.holder(path).address(path.slice(path.lastIndexOf("/") + 1));
  }

  /** Closes the folders below the root, not the root itself. */
  closeFolders(): void {
    this.#last = undefined;
    for (const dir of this.#open.values()) dir.close();
    this.#open.clear();
  }

  /** Closes everything. */
  close(): void {
    this.closeFolders();
    this.dir.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Walks from a place given by its absolute components, to which a link may have led. */
  #walk(start: string[], path: readonly string[], isFollowing: boolean): Location {
    let place = start;
    let ahead = steps(path);
    if (path[0] === "") place = [];
    for (let links = 0; ; ) {
      const [component, ...rest] = ahead;
      // The walk ended on a folder, as a link to `.` does: not an entry that could be a file.
      if (component === undefined)
        return this.#isInside(place) ? this.#lost("not-a-folder", place, []) : { kind: "outside" };
      ahead = rest;
      if (component === ".") continue;
      if (component === "..") {
        place = place.slice(0, -1);
        continue;
      }
      const next = [...place, component];
      if (!this.#isInside(place)) {
        place = next;
        continue;
      }
      const below = place.slice(this.real.length);
      const entered = this.#enter(below, component, ahead.length > 0);
      if (entered.kind === "entry") {
        const real = next.slice(this.real.length).join("/");
        return { ...entered, real, isThroughLink: isFollowing || links > 0 };
      }
      if (entered.kind === "missing" || entered.kind === "not-a-folder")
        return this.#lost(entered.kind, next, ahead);
      if (entered.kind === "link") {
        if (++links > MAX_LINKS) return { kind: "outside" };
        const target = splitTarget(entered.target);
        if (target[0] === "") place = [];
        ahead = [...steps(target), ...ahead];
        continue;
      }
      place = next;
    }
  }

  #lost(kind: "missing" | "not-a-folder", place: readonly string[], ahead: readonly string[]): Location {
    return { kind, real: place.slice(this.real.length).join("/"), ahead };
  }

  /** Steps into one component of the folder `below` the root, or stops at it if it is the last. */
  #enter(below: readonly string[], component: string, goesOn: boolean): Step {
    try {
      if (!goesOn) return { kind: "entry", dir: this.folder(below), name: component };
      this.folder([...below, component]);
      return { kind: "entered" };
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === "ENOENT" || errno === "ENAMETOOLONG") return { kind: "missing" };
      if (errno !== "ENOTDIR" && errno !== "ELOOP") throw thrown;
      return this.#readLink(below, component);
    }
  }

  #readLink(below: readonly string[], component: string): Step {
    try {
      return { kind: "link", target: this.folder(below).readlink(component) };
    } catch (thrown) {
      const errno = errnoOf(thrown);
      // EINVAL: it exists and is not a link, so it is not a folder either.
      if (errno === "EINVAL" || errno === "ENOTDIR" || errno === "ELOOP") return { kind: "not-a-folder" };
      if (errno === "ENOENT") return { kind: "missing" };
      throw thrown;
    }
  }

  #isInside(place: readonly string[]): boolean {
    return (
      place.length >= this.real.length && this.real.every((component, index) => place[index] === component)
    );
  }

  #recall(key: string): AnchoredDir | undefined {
    const dir = this.#open.get(key);
    if (dir === undefined) return undefined;
    this.#open.delete(key);
    this.#open.set(key, dir);
    return dir;
  }

  #remember(key: string, dir: AnchoredDir): void {
    this.#open.set(key, dir);
    const { size } = this.#open;
    if (size <= FEWEST_OPEN_FOLDERS || size <= Math.min(this.#maxOpen, allowedOpenFolders())) return;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.#open.delete(oldest[0]);
    if (this.#last?.dir === oldest[1]) this.#last = undefined;
    oldest[1].close();
  }
}

/** Opens a project root; `path` as it may be shown. Fails with PATH_NOT_FOUND, or READ_FAILED if it exists but can't be opened. */
export function openRoot(
  folder: string,
  fs: FileSystem = nodeFileSystem,
  path: string = folder,
): Result<AnchoredRoot, OperationFault> {
  try {
    return ok(AnchoredRoot.open(folder, fs));
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const absent = reason === "other" || reason === "not-a-folder";
    return absent
      ? operationFault("PATH_NOT_FOUND", { reason: "folder", path })
      : operationFault("READ_FAILED", { path, reason });
  }
}

type Step =
  | { readonly kind: "entry"; readonly dir: AnchoredDir; readonly name: string }
  | { readonly kind: "entered" | "missing" | "not-a-folder" }
  | { readonly kind: "link"; readonly target: string };

/**
 * The components that a walk has to take. One dot stays if a path ends in `/` or `/.`: as for the kernel, the
 * component before it must then be a folder, so a link to `file/` does not lead to a file.
 */
function steps(path: readonly string[]): readonly string[] {
  const last = path.at(-1);
  const steps = path.filter((component) => component !== "" && component !== ".");
  return last === "" || last === "." ? [...steps, "."] : steps;
}

/** The components of a link's target; an absolute one begins with an empty component. */
function splitTarget(target: string): readonly string[] {
  if (!HAS_DRIVES) return target.split("/");
  return isAbsolute(target)
    ? ["", ...pathComponents(target.replace(/^\\\\\?\\/, ""))]
    : target.split(/[\\/]/);
}
