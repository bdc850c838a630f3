/**
 * Signs a statement about a pushed run, and puts it where cosign looks for attestations: the layers of the manifest that the tag
 * `sha256-<digest>.att` leads to.
 *
 * https://github.com/sigstore/cosign/blob/v2.5.0/specs/ATTESTATION_SPEC.md
 *
 * @module
 */

import {
  type BlobName,
  type Descriptor,
  encodeManifest,
  encodeOwn,
  encodeStatement,
  envelopeObject,
  type HexDigest,
  type ImageManifest,
  identityOf,
  jsonObject,
  MANIFEST_SUBJECT,
  MANIFEST_TYPE,
  matchesDigest,
  ociDigest,
  ok,
  parseManifest,
  plainDescriptor,
  predicateOf,
  type Result,
  ROOT_SUBJECT,
  readRunEvidence,
  type SignerIdentity,
} from "../../../core/internal.ts";
import { signEnvelope } from "../../keys/sign-envelope.ts";
import type { Signer } from "../../keys/signer.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import { memoryBlob } from "../registry/blob-bytes.ts";
import type { Repository } from "../registry/repository.ts";
import type { OwnRun } from "./project-run.ts";

const ENVELOPE_TYPE = "application/vnd.dsse.envelope.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";

/** cosign refuses a layer without this annotation. The signature of an envelope is inside of it. */
const SIGNATURE_ANNOTATION = "dev.cosignproject.cosign/signature";

/** Attestations of one run. cosign reads all of them. */
const MAX_ATTESTATIONS = 100;

/** An attestation in a repository. */
export interface PutAttestation {
  readonly tag: string;
  /** Who signed it. */
  readonly attester: SignerIdentity;
  /** What `cosign verify-attestation --type` is given. */
  readonly predicateType: string;
}

/**
 * Attests a pushed run, beside the attestations that it has. Fails as signers and the repository do, and with CARRIED_RUN_MALFORMED
 * where the tag leads to something else, or has no room.
 */
export async function attestRun(
  { bundle, judged }: OwnRun,
  pushed: BlobName,
  signer: Signer,
  { repository, signal }: { readonly repository: Repository; readonly signal?: AbortSignal | undefined },
): Promise<Result<PutAttestation, OperationFault>> {
  const evidence = readRunEvidence(judged, bundle, nodeCrypto);
  const claimed = predicateOf(evidence);
  const payload = encodeStatement({
    ...claimed,
    // cosign looks for the digest of the manifest.
    subjects: [
      { name: repository.shown, sha256: pushed.digest },
      { name: ROOT_SUBJECT, sha256: bundle.bundleRoot },
      { name: MANIFEST_SUBJECT, sha256: evidence.outputHashesDigest },
    ],
  });
  const attester = identityOf(signer.publicKey(), nodeCrypto);
  const signed = await signEnvelope(signer, payload, attester.fingerprint, signal);
  if (!signed.ok) return signed;
  const envelope = encodeOwn(envelopeObject(signed.value));
  const tag = `sha256-${pushed.digest}.att`;
  const layer = envelopeLayer(envelope, claimed.predicateType);
  const put = await addLayer(repository, tag, { bytes: envelope, layer }, signal);
  return put.ok ? ok({ tag, attester, predicateType: claimed.predicateType }) : put;
}

function envelopeLayer(envelope: Uint8Array, predicateType: string): Descriptor {
  return {
    ...plainDescriptor(ENVELOPE_TYPE, digestOf(envelope), envelope.length),
    annotations: new Map([
      [SIGNATURE_ANNOTATION, ""],
      ["predicateType", predicateType],
    ]),
  };
}

async function addLayer(
  repository: Repository,
  tag: string,
  { bytes, layer }: { readonly bytes: Uint8Array; readonly layer: Descriptor },
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  const before = await readLayers(repository, tag, signal);
  if (!before.ok) return before;
  const others = before.value.filter(({ digest }) => !matchesDigest(digest, layer.digest, nodeCrypto));
  if (others.length >= MAX_ATTESTATIONS)
    return operationFault("CARRIED_RUN_MALFORMED", {
      reason: "manifest",
      reference: repository.shown,
      why: `it has ${MAX_ATTESTATIONS} attestations already`,
    });
  const layers = [...others, layer];
  const config = encodeConfig(layers.map(({ digest }) => digest));
  for (const blob of [memoryBlob(bytes), memoryBlob(config)]) {
    const put = await repository.putBlob(blob, { signal });
    if (!put.ok) return put;
  }
  const manifest: ImageManifest = {
    config: plainDescriptor(CONFIG_TYPE, digestOf(config), config.length),
    layers,
    annotations: new Map(),
  };
  const stored = { bytes: encodeManifest(manifest), mediaType: MANIFEST_TYPE };
  const put = await repository.putManifest(stored, tag, signal);
  return put.ok ? ok(undefined) : put;
}

/** The attestations that are there; none where the tag is free. */
async function readLayers(
  repository: Repository,
  tag: string,
  signal: AbortSignal | undefined,
): Promise<Result<readonly Descriptor[], OperationFault>> {
  const stored = await repository.readManifest({ tag }, signal);
  if (!stored.ok) return stored.code === "REGISTRY_NOT_FOUND" ? ok([]) : stored;
  const manifest = parseManifest(stored.value.bytes);
  if (manifest.ok) return ok(manifest.value.layers);
  const why = "its tag for attestations leads to something else";
  return operationFault("CARRIED_RUN_MALFORMED", { reason: "manifest", reference: repository.shown, why });
}

/** The configuration of an image whose layers are the attestations, as cosign writes it. */
function encodeConfig(digests: readonly HexDigest[]): Uint8Array {
  return encodeOwn(
    jsonObject({
      architecture: "",
      config: jsonObject({}),
      os: "",
      rootfs: jsonObject({ type: "layers", diff_ids: digests.map(ociDigest) }),
    }),
  );
}
