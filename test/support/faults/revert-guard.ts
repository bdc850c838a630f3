/**
 * A guarded folder with a home of its own for guard, key of journals and the rest.
 *
 * @module
 */

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sortUtf8 } from "../../../src/core/system/bytes/utf8.ts";
import { type TakenSnapshot, takeSnapshot } from "../../../src/node/back/guard/take-snapshot.ts";
import type { RevertTarget } from "../../../src/node/back/revert/find-reverted.ts";
import { revertFolder } from "../../../src/node/back/revert/revert-folder.ts";
import type {
  RevertFailure,
  RevertFolderRequest,
  RevertSuccess,
} from "../../../src/node/back/revert/revert-request.ts";
import { type FileSystem, nodeFileSystem } from "../../../src/node/system/files/file-system.ts";
import type { Environment } from "../../../src/node/system/runtime/user-home.ts";

/** Folders that fewer rights than these would keep a test from reading. */
const OPEN = 0o700;

/** A guarded folder, empty at first. */
export class GuardScene implements Disposable {
  readonly above: string;
  readonly folder: string;
  readonly environment: Environment;
  /** Seconds since 1970. Each snapshot is a second later. */
  now = 1_800_000_000;

  constructor() {
    this.above = mkdtempSync(join(tmpdir(), "runseal-guard-"));
    this.folder = join(this.above, "guarded");
    mkdirSync(this.folder, { mode: 0o755 });
    const home = join(this.above, "home");
    mkdirSync(home, { mode: 0o700 });
    this.environment = { HOME: home };
  }

  /** A path below the guarded folder. */
  at(path: string): string {
    return join(this.folder, path);
  }

  /** Writes a file, and gives it just this mode. */
  write(path: string, text: string, mode = 0o644): void {
    writeFileSync(this.at(path), text);
    chmodSync(this.at(path), mode);
  }

  /** Takes a snapshot. Throws for a failure. */
  async snapshot(runId: string, ignore: readonly string[] = []): Promise<TakenSnapshot> {
    const { environment, folder } = this;
    const taken = await takeSnapshot({
      folder,
      shown: "guarded",
      environment,
      runId,
      ignore,
      now: ++this.now,
      signer: { kind: "key-file", path: undefined },
      surroundings: { environment },
      jobs: 1,
    });
    if (!taken.ok) throw new Error(`no snapshot: ${taken.code}`);
    return taken.value;
  }

  /** Reverts, as the command does. */
  revert(
    target: RevertTarget | string,
    over: Partial<RevertFolderRequest> = {},
    fs: FileSystem = nodeFileSystem,
  ): Promise<RevertSuccess | RevertFailure> {
    const { environment, folder } = this;
    return revertFolder(
      {
        target: typeof target === "string" ? { kind: "snapshot", runId: target } : target,
        folder,
        shown: "guarded",
        environment,
        choice: { changed: "refuse" },
        evenIfOpen: false,
        dryRun: false,
        trust: { policy: undefined },
        signer: { kind: "key-file", path: undefined },
        surroundings: { environment },
        now: ++this.now,
        jobs: 1,
        ...over,
      },
      fs,
    );
  }

  /** The same, of which a test expects success. */
  async reverted(
    target: RevertTarget | string,
    over: Partial<RevertFolderRequest> = {},
  ): Promise<RevertSuccess> {
    const ended = await this.revert(target, over);
    if (!ended.ok) throw new Error(`no revert: ${ended.code} ${JSON.stringify(ended.details)}`);
    return ended;
  }

  /** The guard's own folder. */
  get own(): string {
    const guards = join(this.environment["HOME"] ?? "", ".local/share/runseal/guards");
    const [name = ""] = readdirSync(guards);
    return join(guards, name, ".runseal");
  }

  /** The ids of its bundles. */
  get runs(): readonly string[] {
    return readdirSync(join(this.own, "runs")).sort();
  }

  /** Everything in the folder, a line each: kind, mode, path, and content. */
  look(): readonly string[] {
    return linesBelow(this.folder, "");
  }

  [Symbol.dispose](): void {
    openAll(this.above);
    rmSync(this.above, { recursive: true, force: true });
  }
}

/** Everything below a folder, in byte order of path. */
export function linesBelow(root: string, below: string): readonly string[] {
  const lines: string[] = [];
  for (const name of sortUtf8(readdirSync(join(root, below)))) {
    const path = below === "" ? name : `${below}/${name}`;
    const stats = lstatSync(join(root, path));
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) lines.push(`link ${path} ${readlinkSync(join(root, path))}`);
    else if (stats.isDirectory()) lines.push(`folder ${mode} ${path}`, ...linesBelow(root, path));
    else lines.push(`file ${mode} ${path} ${JSON.stringify(readFileSync(join(root, path), "latin1"))}`);
  }
  return lines;
}

/** Makes each entry of a model of a folder: a text, a link, or a folder. Those above come first. */
export function layOut(
  root: string,
  entries: Iterable<
    readonly [
      string,
      { readonly kind: string; readonly mode?: number; readonly target?: string; readonly text?: string },
    ]
  >,
): void {
  const folders: [string, number][] = [];
  for (const [path, { kind, mode = 0o644, target = "", text = "" }] of entries) {
    const at = join(root, path);
    if (kind === "link") symlinkSync(target, at);
    else if (kind === "folder") {
      mkdirSync(at, OPEN);
      folders.push([at, mode]);
    } else {
      writeFileSync(at, text);
      chmodSync(at, mode);
    }
  }
  for (const [at, mode] of folders.reverse()) chmodSync(at, mode);
}

/** Removes everything in a folder. */
export function emptyOut(root: string): void {
  openAll(root);
  for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true, force: true });
}

function openAll(folder: string): void {
  chmodSync(folder, OPEN);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) openAll(join(folder, entry.name));
}
