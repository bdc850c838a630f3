/**
 * Every code that leaves the program: the protocol's, the library's, and a few of the command line's own.
 *
 * @module
 */

import {
  COUNTERSIGNATURE_CODES,
  type CountersignatureCode,
  FILE_PROOF_CODES,
  type FileProofCode,
  HISTORY_CODES,
  type HistoryCode,
  NOTE_CODES,
  type NoteCode,
  READING_CODES,
  RESTORE_CODES,
  type ReadingCode,
  type RestoreCode,
  TRANSACTION_CODES,
  TRUST_CODES,
  type TrustCode,
  VERIFIER_CODES,
  type VerifierCode,
} from "../../core/internal.ts";
import { OPERATION_CODES, type OperationCode } from "../../node/index.ts";

/** The command line's own. OK and ANY_SIGNER are no failures. */
export const CLI_CODES = [
  "OK",
  "ANY_SIGNER",
  "USAGE",
  "SIGNER_NOT_A_KEY",
  "TRUST_FILE_UNREADABLE",
  "INTERRUPTED",
  "INTERNAL_ERROR",
] as const;

/** One of the command line's own. */
export type CliCode = (typeof CLI_CODES)[number];

/** Codes that SPECTRUM reserves: what they describe is caught under another name (PROTOCOL 8). */
export const RESERVED_CODES = ["IDENTITY_MULTIPLE", "SIGNATURE_MULTIPLE"] as const;

/** One reserved code. */
export type ReservedCode = (typeof RESERVED_CODES)[number];

/** Any code there is. */
export type AnyCode =
  | VerifierCode
  | ReservedCode
  | ReadingCode
  | NoteCode
  | TrustCode
  | CountersignatureCode
  | HistoryCode
  | RestoreCode
  | FileProofCode
  | OperationCode
  | CliCode;

/** All of them, each once. */
export const ALL_CODES: readonly AnyCode[] = [
  ...new Set<AnyCode>([
    ...CLI_CODES,
    ...VERIFIER_CODES,
    ...RESERVED_CODES,
    ...READING_CODES,
    ...NOTE_CODES,
    ...TRUST_CODES,
    ...COUNTERSIGNATURE_CODES,
    ...HISTORY_CODES,
    ...FILE_PROOF_CODES,
    ...RESTORE_CODES,
    ...TRANSACTION_CODES,
    ...OPERATION_CODES,
  ]),
];
