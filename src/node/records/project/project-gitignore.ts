/**
 * `.runseal/.gitignore`: git leaves the project's own folder out, and the file says why.
 *
 * @module
 */

import type { AnchoredDir } from "../../system/files/anchored-dir.ts";
import { createFile } from "../../system/files/placed-file.ts";
import { attempt } from "../../system/runtime/machine-reason.ts";

const NAME = ".gitignore";

const TEXT = `# Written by runseal. This folder holds copies of sealed files (objects), and the HEAD, locks and
# sockets of one machine. Two clones that both seal would fork the history, so git leaves all of it out.
# To publish bundles, copy them out of runs, or change this file: runseal does not write it again.
*
`;

/** Writes the file if its name is free. For a new project only: a user who removed the file later did so on purpose. */
export function writeOwnGitignore(own: AnchoredDir): void {
  attempt(() => {
    if (!own.has(NAME)) createFile(own.address(NAME), Buffer.from(TEXT), 0o644);
  });
}
