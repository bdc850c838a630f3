/**
 * A sealed bundle on a disk, and folders to restore it into.
 *
 * @module
 */

import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RestoreRequest } from "../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../src/node/back/restore/target/restore-outcome.ts";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import { sealBundle, writeBundle } from "../bundles/bundle.ts";
import { sealTreeBundle, type TreeRecipe, writeTreeBundle } from "../bundles/tree-bundle.ts";
import { compareSnapshots, makeFolder, removeTree, snapshotTree, type TreeChange } from "../files/tree.ts";
import { restoreBundle } from "./restore-acts.ts";

/** Five files, folders in folders, and one that may be executed. */
export const OUTPUTS: Readonly<Record<string, string>> = {
  "a.txt": "alpha\n",
  "bin/run": "#!/bin/sh\n",
  "data/deep/er/b.txt": "beta\n",
  "data/deep/c.txt": "",
  "keep/d.txt": "delta\n",
};

/** Foreign files in the restore root. `keep/` is a folder that the bundle uses too. */
const FOREIGN: Readonly<Record<string, string>> = {
  "keep/own.txt": "other user\n",
  "other/notes.txt": "other user too\n",
};

/** Accepts any signer. */
export const ANY_SIGNER: RestoreRequest["trust"] = "any-signer";

/** A scene: `files/` and `run/` hold the bundle, `outside/` must stay as it is. */
export class Scene implements Disposable {
  readonly folder: string;
  readonly outside: string;
  readonly #request: Pick<RestoreRequest, "bundle" | "root" | "trust">;
  #targets = 0;

  /** With a `tree`, the bundle has one. */
  constructor(
    outputs: Readonly<Record<string, string>> = OUTPUTS,
    disk: string = fastFolder(),
    tree?: Omit<TreeRecipe, "outputs">,
  ) {
    this.folder = makeFolder(disk);
    this.outside = join(this.folder, "outside");
    const address =
      tree === undefined
        ? writeBundle(this.folder, sealBundle({ outputs }))
        : writeTreeBundle(this.folder, sealTreeBundle({ outputs, ...tree }));
    this.#request = { ...address, trust: ANY_SIGNER };
    if (tree === undefined && "bin/run" in outputs) chmodSync(this.source("bin/run"), 0o755);
    writeAt(this.outside, { "precious.txt": "do not touch\n" });
  }

  /** The address of a source. */
  source(path: string): string {
    return join(this.folder, "files", path);
  }

  /** The address of an artifact. */
  artifact(name: string): string {
    return join(this.#request.bundle, name);
  }

  /** A fresh restore root with foreign files in it. */
  existingTarget(files: Readonly<Record<string, string>> = FOREIGN): string {
    const target = join(this.folder, `restore-${this.#targets++}`);
    writeAt(target, files);
    return target;
  }

  /** A missing restore root in a fresh parent with foreign files. */
  newTarget(): string {
    return join(this.existingTarget(), "new");
  }

  /** Restores into a target; `mkdir` where it was made for that. */
  restore(target: string, fs?: FileSystem, over: Partial<RestoreRequest> = {}): Promise<RestoreOutcome> {
    return restoreBundle({ ...this.#request, target, ...over }, fs);
  }

  [Symbol.dispose](): void {
    removeTree(this.folder);
  }
}

/** Thousands of restores need no disk: memory is several times faster, and has hard links too. */
export function fastFolder(): string {
  try {
    accessSync("/dev/shm", constants.W_OK | constants.X_OK);
    return "/dev/shm";
  } catch {
    return tmpdir();
  }
}

/** Writes files below a folder, made if need be. */
export function writeAt(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Does something and tells what changed below a folder by it. */
export async function changesOf<Value>(
  folder: string,
  act: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly change: TreeChange }> {
  const before = snapshotTree(folder);
  const value = await act();
  return { value, change: compareSnapshots(before, snapshotTree(folder)) };
}

/** No change at all. */
export const UNCHANGED: TreeChange = { added: {}, removed: [], changed: [] };

/** What the descriptors of this process that lead to the disk lead to. */
export function openDescriptors(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const leadsTo = readlinkSync(`/proc/self/fd/${fd}`);
      return leadsTo.startsWith("/") ? [leadsTo] : [];
    } catch {
      return []; // The descriptor of the listing itself.
    }
  });
}
