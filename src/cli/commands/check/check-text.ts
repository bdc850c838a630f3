/** What `check` says. @module */

import {
  type EvidenceCode,
  type EvidenceFacts,
  type EvidenceKey,
  identityOf,
  type MadeFault,
  markPhases,
  parseOutputPath,
  quote,
  quoteIfNeeded,
  spkiDigest,
  toHex,
} from "../../../core/internal.ts";
import { countOf } from "../../../core/system/bytes/count-text.ts";
import { runName } from "../../../core/system/paths/run-name.ts";
import type {
  CheckDifference,
  CheckedEvidence,
  CheckFailure,
  CheckPhase,
  CheckReport,
} from "../../../node/judge/check/check-evidence.ts";
import { evidenceCrypto } from "../../../node/judge/check/node-evidence-crypto.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { remedyOf } from "../../codes/all-codes.ts";
import { EVIDENCE_RECORDS } from "../../codes/check-codes.ts";
import { messageOf } from "../../codes/code-record.ts";
import { operationHints, operationMessage } from "../../codes/operation-codes.ts";
import type { TrustAnswer } from "../../options/trust-options.ts";
import { paint } from "../../text/paint.ts";
import { signerFacts } from "../../verdict/verdict-facts.ts";
import { markedLines, signerNameLines, signerWords } from "../../verdict/verify-text.ts";
import { FORMS } from "./check-options.ts";
import type { EcdsaSignerFacts, EvidenceSignerFacts } from "./check-results.ts";

const PHASES: readonly CheckPhase[] = ["parse", "signature", "outputs"];

/** The phases up to the one that failed. */
export function phaseText(failedAt: CheckPhase, colour: boolean): string {
  return markedLines(markPhases(PHASES, { failedAt }), colour);
}

/** What is known of sound evidence. */
export function checkedLines(
  { form, judged, subjects }: CheckReport,
  { bytes, files, key }: CheckedEvidence,
  trust: TrustAnswer,
  colour: boolean,
): string {
  const said =
    judged?.statement === undefined ? "" : `says     ${quoteIfNeeded(judged.statement.predicateType)}\n`;
  const run = subjects?.run;
  const ofRun = run === undefined ? "" : `run      ${runName(run.runId)}\nhash     ${run.bundleRoot}\n`;
  return (
    `phases   all ${PHASES.length} ${paint("ok", "good", colour)}\n` +
    `form     ${form === undefined ? "" : FORMS[form]}\n` +
    `${said}${ofRun}` +
    `files    ${countOf(files, "file")}, ${countOf(bytes, "byte")}\n` +
    `signer   ${keyWords(key, trust.name)}` +
    `trust    ${trust.reason}\n`
  );
}

/** A key for a person. */
function keyWords(key: EvidenceKey, name: string | undefined): string {
  if (key.algorithm !== "ed25519") {
    const digest = spkiDigest(key, evidenceCrypto);
    return `${digest.slice(0, 8)} (${key.algorithm})\n         spki sha256:${digest}\n`;
  }
  const signer = identityOf(key.publicKey, nodeCrypto);
  return `${signerWords(signer, name)}\n${signerNameLines(signer)}`;
}

/** A key for a program. One of ECDSA has no validator id: its digest is that of its SubjectPublicKeyInfo. */
export function signerFactsOf(key: EvidenceKey, name?: string): EvidenceSignerFacts | EcdsaSignerFacts {
  const { algorithm } = key;
  if (algorithm === "ed25519")
    return { algorithm, ...signerFacts(identityOf(key.publicKey, nodeCrypto), name) };
  return { algorithm, spki_sha256: spkiDigest(key, evidenceCrypto), public_key: toHex(key.spki) };
}

/** One sentence for any reason why evidence is not accepted. */
export function failureWords(failure: CheckFailure): string {
  if (!("message" in failure)) return evidenceMessage(failure);
  if (!("phase" in failure)) return operationMessage(failure);
  switch (failure.code) {
    case "OUTPUT_MISSING": {
      const { path } = failure.details;
      return parseOutputPath(path, { refuseColon: false }).ok
        ? `${quote(path)} is not there as a regular file below the root`
        : `the evidence names ${quote(path)}, which is not a lawful path below a root; it was not looked for`;
    }
    case "HASH_MISMATCH":
      return `${quote(failure.details.path)} is not the file that was signed`;
    default:
      return failure.message;
  }
}

function evidenceMessage<Code extends EvidenceCode>({
  code,
  details,
}: MadeFault<EvidenceFacts, Code>): string {
  return messageOf<EvidenceFacts[Code]>(EVIDENCE_RECORDS[code], details);
}

/** Names no namespace: the writer of the signature chose that one. */
const NAMESPACE =
  "ask the signer for which namespace lists of digests are signed; --namespace NAME judges those of that one";

/** What to do about it. */
export function hintsOf(failure: CheckFailure): readonly string[] {
  if ("message" in failure && !("phase" in failure)) return operationHints(failure);
  if (failure.code === "EVIDENCE_UNSUPPORTED" && failure.details.reason === "ssh-namespace")
    return [NAMESPACE, remedyOf(failure.code)];
  switch (failure.code) {
    case "OUTPUT_MISSING":
      return ["names are relative to --files, by default the current folder; else get the files again"];
    case "HASH_MISMATCH":
      return [
        "get the file again from where the evidence came from; don't use it until the check accepts it",
      ];
    default:
      return [remedyOf(failure.code)];
  }
}

/** Every difference, for `--all`. */
export function differenceLines(failures: readonly CheckDifference[]): string {
  return failures.map(({ code, details }) => `${code.padEnd(18)} ${quote(details.path)}\n`).join("");
}
