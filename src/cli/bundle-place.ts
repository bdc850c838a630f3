/**
 * What a person means by BUNDLE: a folder, or a run of the project at hand.
 *
 * @module
 */

import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { runsFolderOf } from "../node/project/project-names.ts";
import { isRunId } from "../node/seal/run-id.ts";
import { defaultRoot } from "./default-root.ts";

/** Where a bundle is, and what its outputs' paths are relative to. Both as relative as what was given. */
export interface BundlePlace {
  readonly bundle: string;
  readonly root: string;
}

/**
 * Finds a bundle. A text with a slash, or with the name of a folder that is here, is a path; any other run id is
 * one of the project at `root`, or of the current folder's.
 */
export function placeOfBundle(text: string, root: string | undefined, cwd: string): BundlePlace {
  if (isPath(text, cwd)) return { bundle: text, root: root ?? defaultRoot(text, cwd) };
  return { bundle: join(runsFolderOf(root ?? "."), text), root: root ?? "." };
}

function isPath(text: string, cwd: string): boolean {
  // `nope` may be either; a path that is not there and a run that is not there end in the same way.
  return /[/\\]/.test(text) || !isRunId(text) || isFolder(resolve(cwd, text));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
