/** Words for what is wrong with a project's line of runs. @module */

import { type MachineReason, quote } from "../../core/index.ts";
import type { OperationCode, OperationDetails } from "../../node/index.ts";
import { boundedList } from "./bounded-list.ts";
import { PROJECT_EXPLANATIONS } from "./explain-project.ts";
import { shellWord } from "./shell-word.ts";

/** The codes of projects. */
export type ProjectFaultCode = Extract<OperationCode, `HEAD_${string}` | `PROJECT_${string}`>;

/** Whether a code is one of these. */
export function isProjectFault(code: OperationCode): code is ProjectFaultCode {
  return /^(?:HEAD|PROJECT)_/.test(code);
}

/** One sentence for what is wrong with a project. */
export function projectFaultMessage(code: ProjectFaultCode, details: OperationDetails): string {
  const path = quote(details.path ?? "");
  switch (code) {
    case "HEAD_MALFORMED":
      return `${path} is not what runseal writes there`;
    case "HEAD_MISSING":
      return `there is no ${path}, though runs were sealed here: ${boundedList((details.names ?? []).map(quote)).join(", ")}`;
    case "PROJECT_LOCKED":
      return `${path} is held by somebody else, or is no lock of runseal's`;
    case "PROJECT_LOCK_UNAVAILABLE":
      return `this project can't be locked: ${unavailable(details.reason)}`;
  }
}

/** What to do about it. */
export function projectFaultHints(code: ProjectFaultCode, details: OperationDetails): readonly string[] {
  const [, remedy] = PROJECT_EXPLANATIONS[code];
  const { path, remembered } = details;
  if (code !== "HEAD_MISSING" || remembered === undefined || path === undefined) return [remedy];
  return [`the head that was seen last is still known: cp "${remembered}" ${shellWord(path)}`, remedy];
}

function unavailable(reason: MachineReason | undefined): string {
  return reason === "unsupported-platform"
    ? "this system has no unix sockets"
    : "no unix socket can be made in its folder";
}
