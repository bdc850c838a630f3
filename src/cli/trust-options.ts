/**
 * Whom to believe, as the command line says it: shared by verify, chain verify and restore.
 *
 * @module
 */

import {
  decideTrust,
  MAX_TRUST_FILE_BYTES,
  questionOf,
  quote,
  type TrustCode,
  type TrustLineReason,
  type TrustPolicy,
  type VerifiedBundle,
} from "../core/index.ts";
import { readTrustPolicy, type TrustRequestFault } from "../node/index.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { Io } from "./io.ts";
import type { Report } from "./report.ts";
import { countOf } from "./text/count-text.ts";
import { machineWords } from "./text/operation-text.ts";
import { usageError } from "./usage-error.ts";

/** The options as parsed. */
export interface TrustOptions {
  readonly trust?: string | undefined;
  readonly signer: readonly string[];
  readonly anySigner?: true | undefined;
}

/** A decision, for people and programs alike. */
export interface TrustAnswer {
  readonly ok: boolean;
  readonly code: TrustCode | "OK" | "ANY_SIGNER" | null;
  readonly reason: string;
  readonly name?: string;
}

/** The policy behind the options. */
export type TrustChoice =
  | { readonly kind: "any-signer" }
  | { readonly kind: "policy"; readonly policy: TrustPolicy | undefined }
  /** A trust file with a bad line: a decision against everybody, once there is somebody to decide about. */
  | { readonly kind: "malformed"; readonly answer: TrustAnswer };

/** What is said of a signer when no verdict asked for a decision. */
export const UNDECIDED_TRUST: TrustAnswer = {
  ok: false,
  code: null,
  reason: "not decided: the bundle was not accepted",
};

/** Reads the policy that the options mean, or gives the report of why there is none. Throws usage errors. */
export function chooseTrust(options: TrustOptions, io: Io): TrustChoice | { readonly report: Report } {
  const anySigner = options.anySigner === true;
  if (anySigner && (options.trust !== undefined || options.signer.length > 0)) {
    throw usageError("--any-signer takes whoever signed; it can't be used with --trust or --signer");
  }
  if (anySigner) return { kind: "any-signer" };
  const files = options.trust === undefined ? [] : [options.trust];
  const policy = readTrustPolicy({ files, signers: options.signer }, io.environment);
  if (policy.ok) return { kind: "policy", policy: policy.value };
  if (policy.code === "TRUST_FILE_MALFORMED") {
    const reason = `${quote(policy.file)} line ${policy.line}: ${lineWords(policy.reason)}; nothing in it is trusted`;
    return { kind: "malformed", answer: { ok: false, code: policy.code, reason } };
  }
  return { report: requestReport(policy) };
}

/** Decides about a verified bundle's signer. */
export function answerTrust(
  choice: TrustChoice,
  bundle: Pick<VerifiedBundle, "signer" | "binding">,
  now: number,
): TrustAnswer {
  switch (choice.kind) {
    case "any-signer":
      return {
        ok: true,
        code: "ANY_SIGNER",
        reason: "nobody vouches for the signer; --any-signer takes whoever signed",
      };
    case "malformed":
      return choice.answer;
    case "policy":
      return decideTrust(choice.policy, questionOf(bundle, now));
  }
}

function requestReport(fault: Exclude<TrustRequestFault, { code: "TRUST_FILE_MALFORMED" }>): Report {
  const isKey = fault.code === "SIGNER_NOT_A_KEY";
  const message = isKey
    ? `--signer ${quote(fault.text)} is no public key`
    : `could not read the trust file ${quote(fault.file)}: ${unreadableWords(fault.reason)}`;
  const hints = isKey
    ? ["64 lowercase hex, 'runseal-ed25519 HEX', or 'ssh-ed25519 AAAA…' as one argument"]
    : [];
  const exit_code = exitCodeOf(fault.code);
  const facts = {
    ok: false,
    code: fault.code,
    phase: null,
    cause_code: null,
    message,
    details: {},
    exit_code,
  };
  return { facts, text: "", error: { message, hints } };
}

function unreadableWords(
  reason: Extract<TrustRequestFault, { code: "TRUST_FILE_UNREADABLE" }>["reason"],
): string {
  switch (reason) {
    case "not-there":
      return "it is not there";
    case "not-a-file":
      return "it is not a regular file";
    case "too-large":
      return `it is larger than ${countOf(MAX_TRUST_FILE_BYTES, "byte")}`;
    default:
      return machineWords(reason);
  }
}

function lineWords(reason: TrustLineReason): string {
  switch (reason) {
    case "not-utf8":
      return "the file is not UTF-8";
    case "no-key":
      return "there is no key";
    case "key-type":
      return "the key is neither ssh-ed25519 nor runseal-ed25519";
    case "key":
      return "the key is malformed, or one that nobody can hold a private key for";
    case "option":
      return "there is an option that runseal does not know";
    case "moment":
      return "a moment is not YYYYMMDD or YYYYMMDDHHMM[SS]";
    case "quotes":
      return "a quotation mark is not closed";
  }
}
