/** All codes of the program, with their records. @module */

import type {
  CountersignatureCode,
  EvidenceCode,
  FileProofCode,
  HistoryCode,
  NoteCode,
  ReadingCode,
  RestoreCode,
  TreeCode,
  TrustCode,
  VerifierCode,
} from "../../core/internal.ts";
import type { TrustRequestFault } from "../../node/keys/trust/read-trust.ts";
import type { OperationCode } from "../../node/system/runtime/operation-fault.ts";
import { EVIDENCE_RECORDS } from "./check-codes.ts";
import { type AnyWords, casesOf, meaningOf } from "./code-record.ts";
import type { ExitCode } from "./exit-code.ts";
import { FILE_PROOF_RECORDS } from "./file-proof-codes.ts";
import { HISTORY_RECORDS } from "./history-codes.ts";
import { OPERATION_RECORDS } from "./operation-codes.ts";
import { RESTORE_RECORDS } from "./restore-codes.ts";
import { TREE_RECORDS } from "./tree-codes.ts";
import { TRUST_RECORDS, TRUST_REQUEST_RECORDS } from "./trust-codes.ts";
import { type ReservedCode, VERDICT_RECORDS } from "./verdict-codes.ts";

/** The command line's own codes. OK and ANY_SIGNER are not failures. */
type CliCode = "OK" | "ANY_SIGNER" | "USAGE" | "INTERRUPTED" | "INTERNAL_ERROR";

/** A record, whatever its facts are. */
interface AnyRecord extends AnyWords {
  readonly exit?: ExitCode;
  readonly remedy: string;
  readonly reasons?: object;
}

/** A record with its exit code. */
type CompleteRecord = AnyRecord & { readonly exit: ExitCode };

const CLI_RECORDS: Readonly<Record<CliCode, CompleteRecord>> = {
  OK: {
    exit: 0,
    meaning: "All is well.",
    remedy: "Nothing.",
  },
  ANY_SIGNER: {
    exit: 0,
    meaning: "The signer was not judged, because --any-signer accepts any signer.",
    remedy: "Leave the option out to have the signer judged.",
  },
  USAGE: {
    exit: 2,
    meaning: "The command was not understood.",
    remedy: "See runseal COMMAND --help.",
  },
  INTERRUPTED: {
    exit: 130,
    meaning: "A signal ended the command; what had been begun was undone.",
    remedy: "Run it again when you like.",
  },
  INTERNAL_ERROR: {
    exit: 70,
    meaning: "runseal met a state that it was not built for: a bug, or a broken environment.",
    remedy: "Run it with --debug to see the cause on stderr, and report it.",
  },
};

/** Any code. */
export type AnyCode =
  | CliCode
  | VerifierCode
  | TreeCode
  | ReservedCode
  | ReadingCode
  | NoteCode
  | TrustCode
  | TrustRequestFault["code"]
  | CountersignatureCode
  | HistoryCode
  | RestoreCode
  | FileProofCode
  | EvidenceCode
  | OperationCode;

const RECORDS: Readonly<Record<AnyCode, CompleteRecord>> = {
  ...CLI_RECORDS,
  ...withExit(1, VERDICT_RECORDS),
  ...withExit(1, TREE_RECORDS),
  ...withExit(3, TRUST_RECORDS),
  ...withExit(3, TRUST_REQUEST_RECORDS),
  ...withExit(1, HISTORY_RECORDS),
  ...withExit(1, FILE_PROOF_RECORDS),
  ...withExit(1, EVIDENCE_RECORDS),
  ...withExit(5, RESTORE_RECORDS),
  ...withExit(4, OPERATION_RECORDS),
};

/** Gives each record of a table its exit code: its own, or the usual one of the table. */
function withExit<Code extends string>(usual: ExitCode, records: Readonly<Record<Code, AnyRecord>>) {
  const complete = Object.entries<AnyRecord>(records);
  return Object.fromEntries(complete.map(([code, record]) => [code, { exit: usual, ...record }])) as Record<
    Code,
    CompleteRecord
  >;
}

/** All codes, each once. */
export const ALL_CODES: readonly AnyCode[] = Object.keys(RECORDS).filter(isCode);

/** Whether a text is a code. */
export function isCode(text: string): text is AnyCode {
  return Object.hasOwn(RECORDS, text);
}

/** What a code means, and what to do. */
interface CodeWords {
  readonly meaning: string;
  readonly remedy: string;
}

/** What the program says about a code. */
export function wordsOf(code: AnyCode): CodeWords {
  const record = RECORDS[code];
  return { meaning: meaningOf(record), remedy: record.remedy };
}

/** The exit code for a code that decided a command. Restores ask `restoreExitCode`. */
export function exitCodeOf(code: AnyCode): ExitCode {
  return RECORDS[code].exit;
}

/** What to do about a code; about one of its cases, if a reason is given. */
export function remedyOf(code: AnyCode, reason: string = ""): string {
  const record = RECORDS[code];
  return casesOf(record)[reason]?.remedy ?? record.remedy;
}

/** One case: `details.reason` says it. `remedy` is empty where that of the code is enough. */
export interface ReasonWords extends CodeWords {
  readonly reason: string;
}

/** The cases of a code; none where it stands for one. */
export function reasonsOf(code: AnyCode): readonly ReasonWords[] {
  return Object.entries(casesOf(RECORDS[code])).map(([reason, words]) => {
    return { reason, meaning: meaningOf(words), remedy: words.remedy ?? "" };
  });
}
