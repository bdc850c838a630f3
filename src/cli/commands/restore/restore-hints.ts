/** What to do about restores, undos and recoveries that failed. @module */

import { dirname } from "node:path";
import type { RestoreFailure } from "../../../node/index.ts";
import { explain } from "../../codes/explanations.ts";
import { shellWord } from "../../text/shell-word.ts";
import type { RestoreVerb } from "./restore-text.ts";

/** What was asked for, as far as hints depend on it. */
export interface RestoreAsked {
  readonly verb: RestoreVerb;
  /** Whether `--mkdir` was given. */
  readonly mkdir?: boolean;
}

/** What to do next. A hint never names an option that the command does not have, or that was given already. */
export function restoreHints(
  failure: RestoreFailure,
  { mkdir = false, verb }: RestoreAsked,
): readonly string[] {
  const { code, details, trust } = failure;
  if (trust !== undefined && !trust.ok) return [explain(trust.code).remedy];
  if (code === "RESTORE_VERIFY_STRICT_FAILED" && details.verifier_code === "CHAIN_ROOT_MISMATCH") {
    return [
      "name the runs in their order, none left out and the first one first; runseal log shows the order",
      "runs that are not one chain are restored one by one",
    ];
  }
  if (code !== "RESTORE_TARGET_NOT_EXIST") return [explain(code).remedy];
  if (verb !== "restore") return ["Check the path: name the folder that was restored into."];
  return mkdir ? [parentHint(details.path ?? "")] : [explain(code).remedy];
}

/** `--mkdir` makes one folder. */
function parentHint(path: string): string {
  const parent = dirname(path);
  return parent === "." || parent === ".." || parent === "/"
    ? "Check the path: --mkdir makes a folder where nothing of that name is, not even a link."
    : `--mkdir makes the last folder only; make the others first: mkdir -p ${shellWord(parent)}`;
}
