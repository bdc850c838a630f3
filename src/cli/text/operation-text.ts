/** Words for failed operations: what happened, to what, and what to do next. @module */

import { quote } from "../../core/internal.ts";
import type { OperationFault, RefusedPath } from "../../node/index.ts";
import { exitCodeOf } from "../codes/exit-code.ts";
import { explain } from "../codes/explanations.ts";
import { codedMessage, type Report } from "../output/report.ts";
import { boundedList } from "./bounded-list.ts";
import { unmetMessage } from "./expectation-text.ts";
import { machineHint } from "./machine-hints.ts";
import { machineWords } from "./machine-words.ts";
import { passphraseMessage } from "./passphrase-text.ts";
import { isProjectFault, projectFaultHints, projectFaultMessage } from "./project-text.ts";
import { isRunFault, runFaultMessage } from "./run-fault-text.ts";
import { shellWord } from "./shell-word.ts";
import { signerMessage } from "./signer-text.ts";
import { isStoreFault, storeFaultMessage } from "./store-fault-text.ts";
import { isTrustFault, trustFaultMessage } from "./trust-fault-text.ts";

/** The end of a command whose operation failed. */
export function operationReport(fault: OperationFault): Report {
  const { code, details } = fault;
  const message = operationMessage(fault);
  const exit_code = exitCodeOf(code);
  const facts = { ok: false, code, phase: null, cause_code: null, message, details, exit_code };
  const list = boundedList((details.refused ?? []).map(describeRefused));
  return { facts, text: "", error: { message, list, hints: operationHints(fault) } };
}

/**
 * The end of a command that did its work and could not give back the project's lock. Everything that the report says of
 * the work stays. A report of a failure stays as it is, with a warning.
 */
export function withUnreleased(report: Report, unreleased: OperationFault | undefined): Report {
  if (unreleased === undefined) return report;
  if (!report.facts.ok) {
    const message = codedMessage(unreleased.code, operationMessage(unreleased));
    const warning = { kind: "warning", message, hints: operationHints(unreleased) } as const;
    return { ...report, remarks: [...(report.remarks ?? []), warning] };
  }
  const { code, details, exit_code, message, ok } = operationReport(unreleased).facts;
  const facts = { ...report.facts, ok, code, message, details, exit_code };
  return { ...report, facts, error: { message, hints: operationHints(unreleased) } };
}

/** One sentence for a failed operation. */
export function operationMessage({ code, details }: OperationFault): string {
  const path = quote(details.path ?? "");
  const because = details.reason === undefined ? "" : `: ${machineWords(details.reason)}`;
  switch (code) {
    case "EXPECTATION_FAILED":
      return unmetMessage(details);
    case "READ_FAILED":
      return `could not read ${path}${because}`;
    case "WRITE_FAILED":
      return `could not write ${path}${because}`;
    case "WRITE_IN_DOUBT":
      return `${path} is written, but the disk does not confirm that it would survive a power cut`;
    case "CHANGED_WHILE_READ":
      return `${path} changed while it was read`;
    case "FILE_LOCKED":
      return `${path} is the lock of another command, or was left behind by one`;
    case "PATH_NOT_FOUND":
      return `there is no ${path}`;
    case "NOT_A_FILE":
      return `${path} is no regular file`;
    case "PATH_OUTSIDE_ROOT":
      return `${path} is not below the root`;
    case "ROOT_NOT_FOUND":
      return `the root ${path} is not there, or is no folder`;
    case "IGNORE_MALFORMED":
      return malformedPatterns(details);
    case "SPECIAL_FILES":
      if (isMixed(details.refused)) return "these can't be sealed";
      return "only regular files and folders with UTF-8 names can be sealed; these are not";
    case "NAMES_NOT_PORTABLE":
      return "some systems can't have files of these names";
    case "NAMES_UNLAWFUL":
      return "these names can't be sealed";
    case "NOTHING_TO_SEAL":
      return "there is no file to seal";
    case "RUN_ID_INVALID":
      return `${path} can't be a run id`;
    case "RUN_EXISTS":
      return `there is already something in the bundle's place ${path}`;
    case "TASK_MALFORMED":
      return `the task file ${path} is not a strict JSON object`;
    case "SCRATCH_CHANGED":
      return `the scratch folder ${path} changed while the outputs were sealed`;
    case "KEY_NOT_FOUND":
      return missingKey(details);
    case "KEY_AMBIGUOUS":
      return `there are several keys: ${(details.names ?? []).map(quote).join(", ")}`;
    case "KEY_IS_PUBLIC":
      return `${path} is the public half of a key, and can't sign`;
    case "KEY_EXPOSED":
      return `the key file ${path} can be read by others, or belongs to somebody else`;
    case "KEY_FILE_MALFORMED":
      return `${path} is no key file`;
    case "KEY_EXISTS":
      return `there is already a key ${path}; nothing was changed`;
    case "KEY_UNFINISHED":
      return `the key ${path} is not finished: its public file or its trust line is missing, or the file is that of another key`;
    case "KEY_NAME_INVALID":
      return `${path} can't be a key's name`;
    case "HOME_UNUSABLE":
      return details.names?.includes("HOME") === false
        ? `there is no folder for a private key: ${details.names.join(", ")} is not an absolute path`
        : "there is no folder for a private key: neither XDG_CONFIG_HOME nor HOME is an absolute path";
    case "KEY_PASSPHRASE_WRONG":
      return `the passphrase does not open ${path}, or the file was changed`;
    case "KEY_ENCRYPTION_UNAVAILABLE":
      return "this machine can't encrypt or decrypt keys: libsodium is missing, or memory";
    case "KEY_IMPORT_UNSUPPORTED":
      return `${path} is no Ed25519 private key that can be imported`;
    case "PASSPHRASE_MISSING":
    case "PASSPHRASE_EMPTY":
    case "PASSPHRASE_TOO_LONG":
    case "PASSPHRASE_AMBIGUOUS":
    case "PASSPHRASE_MISMATCH":
    case "PASSPHRASE_UNREADABLE":
      return passphraseMessage(code, details);
    default:
      if (isStoreFault(code)) return storeFaultMessage(code, details);
      if (isProjectFault(code)) return projectFaultMessage(code, details);
      if (isRunFault(code)) return runFaultMessage(code, details);
      return isTrustFault(code) ? trustFaultMessage(code, details) : signerMessage(code, details);
  }
}

function operationHints({ code, details }: OperationFault): readonly string[] {
  switch (code) {
    case "READ_FAILED":
      return [machineHint(details.reason, "read")];
    case "WRITE_FAILED":
      return [machineHint(details.reason, "write")];
    case "SPECIAL_FILES":
      return ["--skip-special leaves them out, and says so"];
    case "NAMES_NOT_PORTABLE":
      return ["rename them, or seal them all the same with --names posix"];
    case "RUN_ID_INVALID":
      return ["a run id is one portable file name that does not begin with a dot or a dash"];
    case "RUN_EXISTS":
      return ["choose another --id; a sealed run is never overwritten"];
    case "KEY_NOT_FOUND":
      return details.path === undefined && details.names === undefined
        ? ["runseal init makes one"]
        : ["runseal key list shows your keys"];
    case "KEY_AMBIGUOUS":
      return [
        "say which: --key NAME, or runseal key default NAME for all commands; runseal key list shows them",
      ];
    case "KEY_EXPOSED":
      return [`if nobody else has seen it: chmod 600 ${shellWord(details.path ?? "")}`];
    case "KEY_FILE_MALFORMED":
      return ["a key file holds 64 lowercase hex characters or one runseal-key-v1 line, and is not a link"];
    case "KEY_EXISTS":
      return ["choose another --name, or replace the key for good with --force"];
    case "KEY_NAME_INVALID":
      return ["use letters, digits and . _ @ + - , at most 64, beginning with a letter or digit"];
    case "TASK_MALFORMED":
      return ["no duplicate keys, no byte-order mark, nothing after the closing brace"];
    case "SCRATCH_CHANGED":
    case "CHANGED_WHILE_READ":
      return ["let whatever writes there finish, then try again"];
    default:
      if (isProjectFault(code)) return projectFaultHints(code, details);
      return [explain(code).remedy];
  }
}

function malformedPatterns({ line, path }: OperationFault["details"]): string {
  if (path === undefined) return "there are more than 1,000 patterns of what to leave out";
  return line === undefined
    ? `${quote(path)} is not a text file of patterns`
    : `${quote(path)} line ${line} is beyond what patterns may be`;
}

/** Whether paths are refused for their kind and others for their names. */
function isMixed(refused: readonly RefusedPath[] = []): boolean {
  const kinds: readonly string[] = ["link", "fifo", "socket", "device", "unknown", "not-utf8"];
  const special = refused.filter(({ reason }) => kinds.includes(reason)).length;
  return special > 0 && special < refused.length;
}

function missingKey({ path, names }: OperationFault["details"]): string {
  if (names !== undefined) return `you have no key ${names.map(quote).join(", ")}`;
  return path === undefined ? "you have no key yet" : `there is no key file ${quote(path)}`;
}

/** One refused path, and why. */
export function describeRefused({ path, reason, other }: RefusedPath): string {
  return other === undefined
    ? `${quote(path)} (${reason})`
    : `${quote(path)} (${reason} with ${quote(other)})`;
}
