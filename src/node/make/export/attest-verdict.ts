/**
 * A verdict that travels: the statement of an accepted and trusted bundle, signed by the verifier's own key, as a file.
 *
 * @module
 */

import {
  type BundleFacts,
  encodeOwn,
  encodeStatement,
  envelopeObject,
  formatUtcSecond,
  identityOf,
  type JudgedBundle,
  ok,
  type Result,
  type SignerIdentity,
  type TimeFinding,
  type TreeDemand,
  type TrustPolicy,
  type VerdictFacts,
  verdictStatement,
} from "../../../core/internal.ts";
import { foundNothingElse, ignoresModes } from "../../judge/verify/match-tree.ts";
import type { RunReport } from "../../judge/verify/verify-bundle-files.ts";
import { signEnvelope } from "../../keys/sign-envelope.ts";
import type { Signer } from "../../keys/signer.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { RUNSEAL_VERSION } from "../../system/runtime/version.ts";
import { placeExportedFile, refuseExportPlace } from "./export-place.ts";
import type { ExportedFile } from "./export-run.ts";

/** What was found of an accepted bundle of a trusted signer. */
export interface TrustedVerdict extends Pick<RunReport, "source" | "tree"> {
  readonly bundle: BundleFacts;
  readonly judged: JudgedBundle;
  readonly demand: TreeDemand;
  /** By which the signer is trusted. */
  readonly policy: TrustPolicy;
  /** What the policy found of the bundle's timestamps. */
  readonly time: TimeFinding | undefined;
  /** When it was verified, in seconds since 1970. */
  readonly now: number;
}

/** What to attest, who does, and where it goes. */
export interface AttestRequest {
  readonly verdict: TrustedVerdict;
  readonly file: string;
  /** Called once the verdict is known: for a rejected bundle no passphrase is asked. */
  readonly openSigner: () => Promise<Result<Signer, OperationFault>>;
  readonly signal?: AbortSignal | undefined;
}

/** An attestation in its file. */
export interface Attestation {
  readonly file: ExportedFile;
  /** Who verified. */
  readonly verifier: SignerIdentity;
}

/**
 * Signs a verdict and writes the envelope. Fails as `refuseExportPlace` does, before a key is opened and again when the file gets its
 * name; as signers do; or with WRITE_FAILED. On a failure no file is there.
 */
export async function writeVerdict(request: AttestRequest): Promise<Result<Attestation, OperationFault>> {
  const { file, signal, verdict } = request;
  const refused = refuseExportPlace(file);
  if (refused !== undefined) return refused;
  const opened = await request.openSigner();
  if (!opened.ok) return opened;
  using signer = opened.value;
  const verifier = identityOf(signer.publicKey(), nodeCrypto);
  const signed = await signVerdict(signer, verdict, signal);
  if (!signed.ok) return signed;
  const content = signed.value;
  const fault = placeExportedFile(file, content);
  return fault ?? ok({ file: { name: file, content, sha256: digestOf(content) }, verifier });
}

/** Signs a verdict: an envelope of DSSE, as a line of JSON. Fails as signers do. */
export async function signVerdict(
  signer: Signer,
  verdict: TrustedVerdict,
  signal: AbortSignal | undefined,
): Promise<Result<Buffer, OperationFault>> {
  const { fingerprint } = identityOf(signer.publicKey(), nodeCrypto);
  const payload = encodeStatement(verdictStatement(factsOf(verdict), nodeCrypto));
  const envelope = await signEnvelope(signer, payload, fingerprint, signal);
  if (!envelope.ok) return envelope;
  return ok(Buffer.concat([encodeOwn(envelopeObject(envelope.value)), Buffer.from("\n")]));
}

/** What the statement says of a verification. */
function factsOf({ bundle, demand, judged, now, policy, source, time, tree }: TrustedVerdict): VerdictFacts {
  const { binding, bundleRoot, bytes, outputs, runId, signer } = bundle;
  const signature = judged.opened.artifacts["SIGNATURE.json"];
  if (signature.kind !== "bytes" || source === undefined)
    throw new TypeError("the bundle and its outputs were read");
  return {
    bundleRoot,
    runId: binding === undefined ? undefined : runId,
    signer,
    signatureDigest: digestOf(signature.bytes),
    outputHashesDigest: digestOf(judged.outputHashes.bytes),
    files: outputs.length,
    bytes,
    source,
    isTreeCompared: tree?.state === "checked" && !ignoresModes(demand),
    isExact: foundNothingElse(tree, demand),
    signedElsewhere: binding?.signedAt !== undefined,
    policy,
    time: time?.ok === true ? time : undefined,
    verifiedAt: formatUtcSecond(now),
    version: RUNSEAL_VERSION,
  };
}
