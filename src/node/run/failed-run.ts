/**
 * Why a run failed, and how its bundle records it.
 *
 * @module
 */

import type { Result } from "../../core/internal.ts";
import type { RunOutcome } from "../make/seal/bundle-contents.ts";
import type { ScratchEnd } from "../make/seal/scratch-proof.ts";
import {
  type OperationDetails,
  type OperationFault,
  operationFault,
} from "../system/runtime/operation-fault.ts";
import type { MadeOutputs } from "./made-outputs.ts";
import type { CommandEnd } from "./run-command.ts";

/** The facts that decide whether a run succeeded. */
export interface RunJudgement {
  readonly command: CommandEnd;
  readonly made: Result<MadeOutputs, OperationFault>;
  readonly scratch: ScratchEnd;
}

/**
 * The first of these that applies: COMMAND_INTERRUPTED (a command that got a signal has not finished its work, even if it
 * exits with 0), COMMAND_FAILED, SCRATCH_NOT_RESTORED, the fault of reading the outputs, OUTPUT_NOT_MADE.
 */
export function findFailure(judgement: RunJudgement): OperationFault | undefined {
  const { command, made, scratch } = judgement;
  const { exitCode, interruptedBy, signal } = command;
  if (interruptedBy !== undefined)
    return operationFault("COMMAND_INTERRUPTED", { signal: interruptedBy, status: exitCode });
  if (signal !== undefined || exitCode !== 0)
    return operationFault("COMMAND_FAILED", { signal, status: exitCode });
  if (!scratch.verified) return operationFault("SCRATCH_NOT_RESTORED");
  if (!made.ok) return made;
  const { missing } = made.value;
  return missing.length === 0 ? undefined : operationFault("OUTPUT_NOT_MADE", { names: missing });
}

/** The outcome in STATUS.json. `cmp01` is about the scratch folders only. */
export function outcomeOf(failure: OperationFault | undefined, { verified }: ScratchEnd): RunOutcome {
  if (failure === undefined) return { status: "success" };
  const { refused = [] }: OperationDetails = failure.details;
  const error = { code: failure.code, message: statusMessage(failure), refused };
  return { status: "failure", error, isRestored: verified };
}

/** One sentence for a reader of STATUS.json. It holds no path: what was refused is named beside it. */
function statusMessage({ code, details }: OperationFault): string {
  switch (code) {
    case "COMMAND_INTERRUPTED":
      return `the run was interrupted by ${details.signal}`;
    case "COMMAND_FAILED":
      return details.signal === undefined
        ? `the command failed with exit code ${details.status}`
        : `the command was ended by ${details.signal}`;
    case "SCRATCH_NOT_RESTORED":
      return "the scratch folders were not left as they were found";
    case "OUTPUT_NOT_MADE":
      return "the command did not make all outputs that were asked for";
    default:
      return "the outputs could not be sealed";
  }
}
