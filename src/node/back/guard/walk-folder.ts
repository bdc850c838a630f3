/**
 * Lists everything that a guard takes into a snapshot, by descriptor, in byte order, with what lstat says of each entry. No link is
 * followed. Nothing is opened but folders.
 *
 * @module
 */

import {
  byPath,
  compareUtf8,
  GrowingTexts,
  type LaidOutTexts,
  PERMISSIONS,
  parseOutputPath,
  sortUtf8,
  type TextViews,
} from "../../../core/internal.ts";
import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import type { AnchoredRoot } from "../../system/files/anchored-root.ts";
import type { FileSystem } from "../../system/files/file-system.ts";
import { kindOf, latin1, readNames, textOf } from "../../system/files/folder-entries.ts";
import { countsBlocks, holeBytes } from "../../system/files/holes.ts";
import { readMountPoints } from "../../system/files/mount-points.ts";
import { readTarget } from "../../system/files/read-target.ts";
import type { Steps } from "../../system/runtime/interruption.ts";
import { errnoOf, reasonOf } from "../../system/runtime/machine-reason.ts";
import type { RefusalReason } from "../../system/runtime/operation-fault.ts";
import type { GuardRules, NameReason } from "./guard-rules.ts";
import { type FileStats, GrowingStats, type SeenStats } from "./index/file-stats.ts";

/** Why an entry is not guarded. */
export type NotGuardedReason = NameReason | RefusalReason | "other-file-system" | "unreadable";

/** An entry that a guard neither keeps nor touches. */
export interface NotGuarded {
  /** Relative to the folder; as Latin-1 for a name that is not UTF-8. */
  readonly path: string;
  readonly reason: NotGuardedReason;
  /** The pattern that leaves it out. */
  readonly pattern?: string;
}

/** A folder below the root as it was before it was listed. */
export interface WalkedFolder {
  readonly path: string;
  /** The nine permission bits. */
  readonly mode: number;
  readonly ino: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** Everything below a root. Lists are in byte order of path. */
export interface WalkedTree {
  readonly files: TextViews;
  /** The paths of the files as bytes. */
  readonly paths: LaidOutTexts;
  readonly stats: FileStats;
  /** Bytes that take no room on the disk, by the places of the files that have such. */
  readonly holes: ReadonlyMap<number, number>;
  /** Not the root. */
  readonly folders: readonly WalkedFolder[];
  /** The root itself, with an empty path. */
  readonly root: WalkedFolder;
  /** Folders in which nothing is guarded, except those with a name that no tree can hold. */
  readonly emptyFolders: readonly string[];
  readonly links: { readonly paths: TextViews; readonly targets: TextViews };
  /** What is not taken in, also by its name. Without what can't be read. */
  readonly leftOut: readonly NotGuarded[];
  /** Folders and links that can't be read. */
  readonly unreadable: readonly string[];
  /** Files with more than one hard link. */
  readonly linkedFiles: number;
}

/** How to walk. */
export interface WalkFolderOptions {
  readonly rules: GuardRules;
  readonly fs: FileSystem;
  /** Called after each folder with the number of files so far. */
  readonly onFolder?: ((files: number) => void) | undefined;
}

/** Walks a folder, with a pause after each folder in it. Throws what the system says of the root itself. */
export function* walkFolder(root: AnchoredRoot, options: WalkFolderOptions): Steps<WalkedTree> {
  const walk = new FolderWalk(root, options);
  yield* walk.steps();
  return walk.tree();
}

/** An entry to visit. A folder has a slash at the end of its name, so that sorted entries are in the order of the paths below. */
interface Visit {
  readonly name: string;
  readonly stats: SeenStats;
  readonly kind: "file" | "link" | "folder";
}

interface OpenFolder {
  /** With a slash at the end; empty for the root. */
  readonly name: string;
  readonly visits: readonly Visit[];
  next: number;
}

class FolderWalk {
  readonly #root: AnchoredRoot;
  readonly #options: WalkFolderOptions;
  readonly #device: number;
  readonly #mountPoints: ReadonlySet<string>;
  readonly #rootState: WalkedFolder;
  readonly #files = new GrowingTexts();
  readonly #stats = new GrowingStats();
  readonly #holes = new Map<number, number>();
  readonly #countsBlocks: boolean;
  readonly #folders: WalkedFolder[] = [];
  readonly #emptyFolders: string[] = [];
  readonly #linkPaths = new GrowingTexts();
  readonly #targets = new GrowingTexts();
  readonly #leftOut: NotGuarded[] = [];
  readonly #unreadable: string[] = [];
  #linkedFiles = 0;

  constructor(root: AnchoredRoot, options: WalkFolderOptions) {
    this.#root = root;
    this.#options = options;
    const stats = options.fs.fstatSync(root.dir.fd);
    this.#device = stats.dev;
    this.#mountPoints = readMountPoints(root.dir);
    this.#countsBlocks = countsBlocks(root.dir);
    this.#rootState = stateOf("", stats);
  }

  *steps(): Steps<void> {
    const { onFolder } = this.#options;
    // A stack of our own: a tree may be deeper than this thread's stack.
    const open: OpenFolder[] = [{ name: "", visits: this.#list(""), next: 0 }];
    let path = "";
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const visit = folder.visits[folder.next++];
      if (visit === undefined) {
        open.pop();
        path = path.slice(0, path.length - folder.name.length);
        onFolder?.(this.#files.length);
        yield;
        continue;
      }
      const { kind, name, stats } = visit;
      if (kind === "folder") {
        path += name;
        this.#folders.push(stateOf(path.slice(0, -1), stats));
        open.push({ name, visits: this.#list(path), next: 0 });
      } else if (kind === "link") this.#readLink(path + name);
      else {
        const holes = this.#countsBlocks ? holeBytes(stats) : 0;
        if (holes > 0) this.#holes.set(this.#files.length, holes);
        this.#files.add(path + name);
        this.#stats.add(stats);
        if (stats.nlink > 1) this.#linkedFiles++;
      }
    }
  }

  tree(): WalkedTree {
    return {
      files: this.#files.views(),
      paths: this.#files.laidOut(),
      stats: this.#stats.stats(),
      holes: this.#holes,
      // The walk finds a folder where the paths below it are: `a-b` before `a`.
      folders: this.#folders.sort(byPath),
      root: this.#rootState,
      emptyFolders: sortUtf8(this.#emptyFolders),
      links: { paths: this.#linkPaths.views(), targets: this.#targets.views() },
      leftOut: this.#leftOut.sort(byPath),
      unreadable: sortUtf8(this.#unreadable),
      linkedFiles: this.#linkedFiles,
    };
  }

  /** The entries of a folder that are visited, in the order of the paths below them. `path` has a slash at the end. */
  #list(path: string): readonly Visit[] {
    try {
      const dir = this.#root.holder(path);
      const visits: Visit[] = [];
      // A file that is replaced while its folder is read may be listed twice: tmpfs appends new entries.
      const seen = new Set<string>();
      let canBeEmpty = true;
      for (const listed of readNames(dir, this.#options.fs)) {
        const name = textOf(listed);
        if (name === undefined) this.#leftOut.push({ path: path + latin1(listed), reason: "not-utf8" });
        if (name === undefined || seen.has(name)) {
          canBeEmpty &&= name !== undefined;
          continue;
        }
        seen.add(name);
        const found = this.#lookAt(dir, name, path + name);
        if (found === "unnamed") canBeEmpty = false;
        else if (found !== undefined) visits.push(found);
      }
      // A tree can't name such an entry, not even as left out. Its folder can't be said to be empty.
      if (visits.length === 0 && canBeEmpty && path !== "") this.#emptyFolders.push(path.slice(0, -1));
      return visits.sort((left, right) => compareUtf8(left.name, right.name));
    } catch (thrown) {
      const errno = errnoOf(thrown);
      // Removed or exchanged since it was listed: the folder above has changed, and is listed again.
      if (path !== "" && (errno === "ENOENT" || errno === "ENOTDIR" || errno === "ELOOP")) return [];
      reasonOf(thrown);
      this.#unreadable.push(path.slice(0, -1) || ".");
      return [];
    }
  }

  /** `undefined` for an entry that is not guarded, and for one that has gone; `unnamed` if no tree can hold the name. */
  #lookAt(dir: AnchoredDir, name: string, path: string): Visit | "unnamed" | undefined {
    const { rules } = this.#options;
    const stats = dir.lstat(name);
    if (stats === undefined) return undefined;
    const kind = kindOf(stats);
    const decision = rules.decide(name, path, kind === "folder");
    if (decision !== undefined) {
      this.#leftOut.push({ path, ...decision });
      return undefined;
    }
    const lawful = parseOutputPath(path, { refuseColon: false });
    if (!lawful.ok) {
      this.#leftOut.push({ path, reason: lawful.code });
      return "unnamed";
    }
    if (stats.dev !== this.#device || this.#mountPoints.has(path))
      this.#leftOut.push({ path, reason: "other-file-system" });
    else if (kind === "folder") return { kind, name: `${name}/`, stats };
    else if (kind === "file" || kind === "link") return { kind, name, stats };
    else this.#leftOut.push({ path, reason: kind });
    return undefined;
  }

  #readLink(path: string): void {
    try {
      const reading = readTarget(this.#root.addressOf(path), this.#options.fs);
      // Exchanged since it was listed: the folder has changed, and is listed again.
      if (reading.kind === "changed") return;
      if (reading.target === undefined) this.#leftOut.push({ path, reason: "link" });
      else {
        this.#linkPaths.add(path);
        this.#targets.add(reading.target);
      }
    } catch (thrown) {
      reasonOf(thrown);
      this.#unreadable.push(path);
    }
  }
}

function stateOf(path: string, { ctimeMs, ino, mode, mtimeMs }: SeenStats): WalkedFolder {
  return { path, mode: mode & PERMISSIONS, ino, mtimeMs, ctimeMs };
}

/** The first folders of a walk that are not as they were before they were listed, in byte order, with a pause after each. */
export function* findChangedFolders(
  root: AnchoredRoot,
  { folders, root: above }: Pick<WalkedTree, "folders" | "root">,
  fs: FileSystem,
): Steps<readonly string[]> {
  const changed: string[] = [];
  // A folder that is still open may have been exchanged since.
  root.closeFolders();
  if (!isSameState(above, fs.fstatSync(root.dir.fd))) changed.push(".");
  for (const folder of folders) {
    const { path } = folder;
    try {
      const address = root.addressOf(path);
      const found = fs.lstatSync(address, { throwIfNoEntry: false });
      if (found === undefined || !isSameState(folder, found)) changed.push(path);
    } catch (thrown) {
      reasonOf(thrown);
      changed.push(path);
    }
    yield;
  }
  return changed;
}

function isSameState(folder: WalkedFolder, { ctimeMs, ino, mtimeMs }: SeenStats): boolean {
  return folder.ino === ino && folder.mtimeMs === mtimeMs && folder.ctimeMs === ctimeMs;
}
