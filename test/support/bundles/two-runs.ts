/**
 * A project with two sealed runs, `one` and `two`, by a key that its user trusts.
 *
 * @module
 */

import { BUNDLE, makeSealedProject, type Project } from "../command/cli.ts";

/** The two bundles, oldest first. */
export const RUNS = [BUNDLE, ".runseal/runs/two"] as const;

/** Run `one` made `out/a.txt` and `out/b.txt`, 11 bytes; run `two` made `more/c.txt`, 6 bytes. */
export async function makeTwoRuns(): Promise<Project> {
  const project = await makeSealedProject();
  project.write({ "more/c.txt": "gamma\n" });
  await project.done(["seal", "more", "--id", "two"]);
  return project;
}
