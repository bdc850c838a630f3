/** `runseal check` of evidence that another tool made. @module */

import { evidenceFault, identityOf, type JudgedEvidence, type TrustPolicy } from "../../../core/internal.ts";
import {
  type CheckReport,
  type CheckRequest,
  checkEvidence,
} from "../../../node/judge/check/check-evidence.ts";
import { readBelievedKeys } from "../../../node/judge/check/signer-keys.ts";
import { SIGNER_LABEL } from "../../../node/keys/trust/read-trust.ts";
import { nodeCrypto } from "../../../node/system/runtime/node-crypto.ts";
import { answerTrust, type TrustAnswer, UNDECIDED_TRUST } from "../../options/trust-options.ts";
import { failureReport, trustRequestReport } from "../../output/failure-report.ts";
import type { Io } from "../../output/io.ts";
import type { Report } from "../../output/report.ts";
import { ShownWork } from "../../progress/show-progress.ts";
import { decidedReport } from "../../verdict/verdict-facts.ts";
import type { CheckOptions } from "./check-options.ts";
import type { CheckEvidenceResult } from "./check-results.ts";
import {
  checkedLines,
  differenceLines,
  failureWords,
  hintsOf,
  phaseText,
  signerFactsOf,
} from "./check-text.ts";

/** Checks evidence that was read. Throws usage errors. */
export async function runCheckEvidence(
  read: Pick<CheckRequest, "evidence" | "read" | "jobs">,
  options: CheckOptions,
  io: Io,
): Promise<Report> {
  const { exact, ignore, files = ".", run, signer, trust } = options;
  const keys = readBelievedKeys({ signers: signer, trust }, io.environment);
  if (!keys.ok) return trustRequestReport(keys);
  using work = new ShownWork(options, io);
  const report = await checkEvidence({
    ...read,
    root: files,
    run,
    keys: keys.value.keys,
    exact: exact === true,
    ignore,
    untilFailure: options.all !== true,
    ...work,
  });
  return evidenceReport(report, keys.value.policy, options, io);
}

/** The members of every report. */
function knownOf(
  { form, judged, phase, subjects, verdict }: CheckReport,
  options: CheckOptions,
): Omit<CheckEvidenceResult, "trust"> {
  const isVerdict = verdict.ok || phase !== undefined;
  return {
    verdict: isVerdict
      ? { ok: verdict.ok, code: verdict.ok ? "OK" : verdict.code, phase: phase ?? null }
      : null,
    form: form ?? null,
    predicate_type: judged?.statement?.predicateType ?? null,
    run_id: subjects?.run?.runId ?? null,
    bundle_root: subjects?.run?.bundleRoot ?? null,
    files: subjects?.files.size ?? null,
    bytes: verdict.ok ? verdict.value.bytes : null,
    signer: judged === undefined ? null : signerFactsOf(judged.key),
    ...(options.all === true ? { failures: [] } : {}),
  };
}

/** The end of a check, also of evidence that could not be read. */
export function evidenceReport(
  report: CheckReport,
  policy: TrustPolicy | undefined,
  options: CheckOptions,
  io: Io,
): Report {
  const { failures, judged, phase, verdict } = report;
  if (verdict.ok) {
    if (judged === undefined) throw new TypeError("an accepted verdict is of judged evidence");
    const trust = trustIn(judged, policy, io);
    const signer = signerFactsOf(judged.key, trust.name);
    const facts: CheckEvidenceResult = { ...knownOf(report, options), signer, trust };
    const text = checkedLines(report, verdict.value, trust, io.colour);
    const distrust = `the evidence is sound, but ${trust.reason}`;
    return decidedReport(facts, { trust, distrust, text, colour: io.colour });
  }
  const listed = failures.map(({ code, details }) => ({ code, ...details }));
  const all = options.all === true ? { failures: listed } : {};
  const known: CheckEvidenceResult = { ...knownOf(report, options), trust: UNDECIDED_TRUST, ...all };
  const text =
    phase === undefined
      ? ""
      : phaseText(phase, io.colour) + (options.all === true ? differenceLines(failures) : "");
  if (verdict.code === "EVIDENCE_KEY_NEEDED" && policy === undefined) return keylessReport(known);
  const { code } = verdict;
  const details = verdict.details;
  const where = { phase: phase ?? null };
  return failureReport<CheckEvidenceResult>(
    { code, where, message: failureWords(verdict), details, known, hints: hintsOf(verdict) },
    text,
  );
}

/** Without any policy, evidence that names no key can't be judged at all. */
function keylessReport(known: Partial<CheckEvidenceResult>): Report {
  const distrust = failureWords(evidenceFault("EVIDENCE_KEY_NEEDED", { reason: "none" }));
  const reason = "no trust policy was given, so the signer is not trusted";
  const trust = { ok: false, code: "TRUST_POLICY_MISSING", reason } as const;
  return decidedReport({ ...known, trust }, { trust, distrust, text: "", colour: false });
}

/** Decides about the key. One of ECDSA was verified with only because the caller named it. */
function trustIn({ key, namespaces }: JudgedEvidence, policy: TrustPolicy | undefined, io: Io): TrustAnswer {
  if (key.algorithm !== "ed25519") {
    const decided_by = { source: SIGNER_LABEL, line: 0 };
    return { ok: true, code: "OK", reason: `${SIGNER_LABEL} trusts the key`, decided_by };
  }
  const signer = identityOf(key.publicKey, nodeCrypto);
  // Evidence signs no time of its own: it is judged at the present.
  const signed = { signer, binding: undefined, countersignatures: [], timestamps: undefined };
  return answerTrust({ kind: "policy", policy }, signed, io.now(), namespaces);
}
