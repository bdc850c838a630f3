/**
 * A folder to guard, beside a project that keeps what is in it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { digestToHex } from "../../../src/core/internal.ts";
import { GuardRules } from "../../../src/node/back/guard/guard-rules.ts";
import { type FolderLook, type LookRequest, scanFolder } from "../../../src/node/back/guard/scan-folder.ts";
import { StoredObjects } from "../../../src/node/records/store/stored-objects.ts";
import { AnchoredRoot } from "../../../src/node/system/files/anchored-root.ts";
import { makeFolder, removeTree } from "../files/tree.ts";

/** How a test looks at the folder. */
export type Look = Partial<Pick<LookRequest, "leavesOutUnreadable" | "onListed" | "progress">> & {
  readonly patterns?: readonly string[];
};

/** The folder, the project, and how to look. */
export class GuardScene implements Disposable {
  readonly folder: string;
  /** The guarded folder. */
  readonly root: string;
  readonly home: string;

  /** @param folder an empty folder for all of it */
  constructor(folder: string = makeFolder()) {
    this.folder = folder;
    this.root = join(this.folder, "work");
    this.home = join(this.folder, "guard");
    mkdirSync(this.root);
    mkdirSync(join(this.home, ".runseal"), { recursive: true });
  }

  /** An address below the guarded folder. */
  at(...path: readonly string[]): string {
    return join(this.root, ...path);
  }

  /** Looks at the folder; what can't be looked at fails the test. */
  async look(how: Look = {}): Promise<FolderLook> {
    const looked = await this.tryToLook(how);
    if (!looked.ok) throw new Error(looked.message);
    return looked.value;
  }

  /** Looks at the folder. */
  async tryToLook({ patterns = [], ...how }: Look = {}): ReturnType<typeof scanFolder> {
    const rules = GuardRules.of(patterns);
    if (!rules.ok) throw new Error(rules.message);
    using root = AnchoredRoot.open(this.root);
    using home = AnchoredRoot.open(this.home);
    const request = {
      root,
      home,
      memory: undefined,
      rules: rules.value,
      leavesOutUnreadable: false,
      jobs: 1,
    };
    return await scanFolder({ ...request, ...how });
  }

  /** The paths of a look whose bytes the project does not keep. */
  missing({ outputs }: FolderLook): readonly string[] {
    using home = AnchoredRoot.open(this.home);
    const opened = StoredObjects.open(home);
    if (!opened.ok) throw new Error(opened.message);
    using store = opened.value;
    return Array.from(outputs, ({ digest, path }) => ({ digest, path }))
      .filter(({ digest }) => store?.kindOf(digest) !== "file")
      .map(({ path }) => path);
  }

  [Symbol.dispose](): void {
    removeTree(this.folder);
  }
}

/** The paths of a look, each with its digest. */
export function digestsOf({ outputs }: FolderLook): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from(outputs, ({ digest, path }) => [path, digest]));
}

/** The digest of a text, or of bytes. */
export function digestOf(text: string | Uint8Array): string {
  return digestToHex(createHash("sha256").update(text).digest());
}

/** A tree without classes. */
export function plainTree({ tree: { tree } }: FolderLook): object {
  const modes = (lists: typeof tree.modes): object =>
    Object.fromEntries(lists.map(({ mode, paths }) => [mode, [...paths]]));
  return {
    kind: tree.kind,
    modes: modes(tree.modes),
    folderModes: modes(tree.folderModes),
    emptyFolders: [...tree.emptyFolders],
    links: Object.fromEntries([...tree.links.paths].map((path, at) => [path, tree.links.values.at(at)])),
    leftOut: Object.fromEntries(
      [...tree.leftOut.paths].map((path, at) => [path, tree.leftOut.values.at(at)]),
    ),
  };
}
