/** Runs without OUTPUT_TREE.json, as programs that know SPECTRUM alone seal them. @module */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Project } from "../command/cli.ts";
import { canonical } from "./bundle.ts";

/** Takes the tree out of an unsigned bundle, which then is what another program could have written. */
export function removeUnsignedTree(project: Project, runId: string): void {
  const at = (name: string): string => project.at(".runseal/unsigned", runId, name);
  const status = JSON.parse(readFileSync(at("STATUS.json"), "utf8")) as Record<string, unknown>;
  const { output_tree_sha256: _, ...binding } = status["runseal"] as Record<string, unknown>;
  writeFileSync(at("STATUS.json"), canonical({ ...status, runseal: binding }));
  rmSync(at("OUTPUT_TREE.json"));
}

/** Seals paths as a run without a tree, with the user's key. */
export async function sealPlain(project: Project, runId: string, ...args: readonly string[]): Promise<void> {
  await project.done(["seal", ...args, "--unsigned", "--id", runId]);
  removeUnsignedTree(project, runId);
  await project.done(["sign", runId, "--yes"]);
}
