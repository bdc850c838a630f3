/** What push and pull say, in words and for programs. @module */

import { ociDigest, quoteIfNeeded, type VerifiedBundle } from "../../core/internal.ts";
import { countOf, numberOf } from "../../core/system/bytes/count-text.ts";
import { sizeOf } from "../../core/system/bytes/size-text.ts";
import type { CarrierOrigin } from "../../node/judge/source/bundle-source.ts";
import type { PutAttestation } from "../../node/move/carry/attest-run.ts";
import type { PulledRun } from "../../node/move/carry/pull-run.ts";
import type { PushedRun } from "../../node/move/carry/push-run.ts";
import { note, type Remark, type Report, warning, withRemarks } from "../output/report.ts";
import type { AttestationFacts, PulledRunFacts, PushedRunFacts } from "../results/carried.ts";
import { signerFacts } from "./verdict-facts.ts";

/** One run that was pushed. */
export interface SentRun {
  readonly bundle: VerifiedBundle;
  readonly pushed: PushedRun;
  /** The repository or layout, as a reference without tag and digest. */
  readonly repository: string;
  readonly attestation: PutAttestation | undefined;
}

/** A reference by digest. */
export function digestReference(repository: string, { digest }: Pick<PushedRun, "digest">): string {
  return `${repository}@${ociDigest(digest)}`;
}

/** A pushed run for a program. */
export function pushedFacts({ attestation, bundle, pushed, repository }: SentRun): PushedRunFacts {
  const { blobs, bytes, present, referrers, sentBytes, tags, uploaded } = pushed;
  return {
    run_id: bundle.runId,
    bundle_root: bundle.bundleRoot,
    reference: digestReference(repository, pushed),
    tags,
    files: bundle.outputs.length,
    blobs,
    bytes,
    uploaded,
    present,
    sent_bytes: sentBytes,
    referrers,
    attestation: attestation === undefined ? null : attestationFacts(attestation),
  };
}

function attestationFacts({ attester, predicateType, tag }: PutAttestation): AttestationFacts {
  return { tag, predicate_type: predicateType, attester: signerFacts(attester) };
}

/** Pushed runs for a person: the digest reference of each stands alone on its line, to be copied. */
export function pushedText(sent: readonly SentRun[]): string {
  return sent.map(sentText).join("");
}

function sentText(run: SentRun): string {
  const { attestation, bundle, pushed, repository } = run;
  const { blobs, bytes, present, referrers, sentBytes, tags } = pushed;
  const hadWords =
    present === 0 ? "" : `, ${countOf(present, "blob")} ${present === 1 ? "was" : "were"} there`;
  const lines = [
    `pushed     ${quoteIfNeeded(bundle.runId)}: ${countOf(bundle.outputs.length, "file")} in ${countOf(blobs, "blob")}, ${sizeOf(bytes)}`,
    `sent       ${sizeOf(sentBytes)}${hadWords}`,
    `tag        ${tags.join(", ")}`,
    ...(referrers === 0
      ? []
      : [`with       ${countOf(referrers, "file")} of countersignatures or timestamps`]),
    ...(attestation === undefined
      ? []
      : [`attested   by ${attestation.attester.keyId}, as ${attestation.tag}`]),
    `reference  ${digestReference(repository, pushed)}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A pulled run for a program. */
export function pulledFacts({
  bundle,
  fetchedBytes,
  from,
  inHistory,
  presentBytes,
  referrers,
  wasThere,
}: PulledRun): PulledRunFacts {
  return {
    run_id: bundle.runId,
    bundle_root: bundle.bundleRoot,
    sealed_at: bundle.binding?.sealedAt ?? null,
    bound: bundle.binding !== undefined,
    ...(referrers === undefined ? { archive: from } : { reference: from, referrers }),
    files: bundle.outputs.length,
    bytes: bundle.bytes,
    was_there: wasThere,
    in_history: inHistory,
    fetched_bytes: fetchedBytes,
    present_bytes: presentBytes,
  };
}

/** A report on a run of a registry: it says which manifest a tag led to, and what was left of what refers to the run. */
export function withOrigin(report: Report, origin: CarrierOrigin | undefined): Report {
  if (origin === undefined) return report;
  const { reference, referrers } = origin;
  const facts = { ...report.facts, reference, referrers };
  const text = report.text === "" ? "" : `from     ${reference}\n${report.text}`;
  return withRemarks({ ...report, facts, text }, ...referrerRemarks(referrers));
}

/** What was not taken of the referrers of a run. */
export function referrerRemarks({ left, more, unreadable }: CarrierOrigin["referrers"]): readonly Remark[] {
  const were = left === 1 ? "was" : "were";
  const leftOut = `of the run's countersignatures and timestamps in the registry, ${numberOf(left)} ${were} not taken: the trust policy does not name the key, or it does not hold`;
  return [
    ...(left > 0 ? [note(leftOut)] : []),
    ...(more ? [MORE_REFERRERS] : []),
    ...(unreadable ? [UNREADABLE_REFERRERS] : []),
  ];
}

const MORE_REFERRERS = warning(
  "more countersignatures and timestamps exist in the registry than runseal reads (1,000, and 16 MiB)",
);

const UNREADABLE_REFERRERS = warning(
  "the registry's list of the run's countersignatures and timestamps is malformed: none were read",
  "any user who may push there can have put it there: the tag sha256-DIGEST of the run's manifest",
);
