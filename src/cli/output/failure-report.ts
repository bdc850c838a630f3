/** The reports of commands that failed. @module */

import { quote } from "../../core/internal.ts";
import type { TrustEditFault } from "../../node/keys/trust/edit-trust-file.ts";
import type { TrustRequestFault } from "../../node/keys/trust/read-trust.ts";
import type {
  OperationDetails,
  OperationFault,
  RefusedEntry,
} from "../../node/system/runtime/operation-fault.ts";
import { type AnyCode, exitCodeOf, remedyOf } from "../codes/all-codes.ts";
import type { ReportExitCode } from "../codes/exit-code.ts";
import { operationHints, operationMessage } from "../codes/operation-codes.ts";
import { trustRequestMessage } from "../codes/trust-codes.ts";
import type { DetailsFacts } from "../results/details.ts";
import { boundedList } from "../text/bounded-list.ts";
import { codedMessage, type ErrorText, type Remark, type Report, warning, withRemarks } from "./report.ts";

/** A failure in words and in facts. */
export interface Failure<T extends object = object> extends ErrorText {
  readonly code: AnyCode;
  /** What a person reads, if it is more than `message`. */
  readonly shown?: string | undefined;
  readonly details?: DetailsFacts;
  /** `phase` and `cause_code`, for commands that report them. */
  readonly where?: object;
  /** Members of the command's result, as far as they are known. */
  readonly known?: Partial<T>;
  /** The exit code, if it is not the code's own. */
  readonly exitCode?: ReportExitCode | undefined;
  readonly remarks?: readonly Remark[];
}

/** Of a failure without members of its own. */
export type NoMembers = Readonly<Record<never, never>>;

const NOWHERE = { phase: null, cause_code: null };

/**
 * The end of a command that failed. `text` is what it has for stdout all the same. A caller with members of its own names the type
 * of its result.
 */
export function failureReport<T extends object = NoMembers>(
  failure: Failure<NoInfer<T>>,
  text: string = "",
): Report {
  const {
    code,
    details = {},
    exitCode,
    hints,
    known,
    list = [],
    message,
    remarks = [],
    shown,
    where,
  } = failure;
  const exit_code = exitCode ?? exitCodeOf(code);
  return {
    facts: { ok: false, code, ...where, message, details, ...known, exit_code },
    text,
    remarks,
    error: { message: shown ?? message, list, hints },
  };
}

/** The end of a command whose operation failed. */
export function operationReport(fault: OperationFault): Report {
  const { code } = fault;
  const details: OperationDetails = fault.details;
  const list = boundedList((details.refused ?? []).map(describeRefused));
  const hints = operationHints(fault);
  return failureReport({ code, message: operationMessage(fault), details, where: NOWHERE, list, hints });
}

/** The end of a command that has no trust policy, or no trust file to look at. */
export function trustRequestReport(fault: TrustRequestFault): Report {
  const { code } = fault;
  const message = trustRequestMessage(code, fault);
  const details = code === "TRUST_FILE_MALFORMED" ? { line: fault.line } : {};
  return failureReport({ code, message, details, where: NOWHERE, hints: [remedyOf(code)] });
}

/** The end of a command that could not edit a trust file, or found none to edit. */
export function trustEditReport(fault: TrustEditFault): Report {
  return "details" in fault ? operationReport(fault) : trustRequestReport(fault);
}

/**
 * The end of a command that did its work, and could not do something after it: remove the project's lock, or get a timestamp.
 * Everything that the report says of the work stays. A report of a failure stays as it is, with a warning.
 */
export function withLateFault(report: Report, fault: OperationFault | undefined): Report {
  if (fault === undefined) return report;
  const { error, facts } = operationReport(fault);
  const { code, details, exit_code, message, ok } = facts;
  const hints = error?.hints ?? [];
  if (report.facts.ok) {
    return {
      ...report,
      facts: { ...report.facts, ok, code, message, details, exit_code },
      error: { message, hints },
    };
  }
  return withRemarks(report, warning(codedMessage(code, message), ...hints));
}

/** One refused path, and why. */
export function describeRefused({ path, reason, other, target }: RefusedEntry): string {
  const shown = target === undefined ? quote(path) : `${quote(path)} -> ${quote(target)}`;
  if (reason === undefined) return shown;
  return other === undefined ? `${shown} (${reason})` : `${shown} (${reason} with ${quote(other)})`;
}
