/**
 * The files of each format, signed. Only bytes that runseal itself composed are signed (docs/evidence.md): a signature over bytes of
 * another's choice could be taken for one of another format.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  allowedSignersLine,
  type DsseEnvelope,
  emptyTrustedRoot,
  encodeBsdSums,
  encodeLayout,
  encodeLink,
  encodeMinisignGlobal,
  encodeMinisignKey,
  encodeMinisignMessage,
  encodeMinisignSignature,
  encodeOwn,
  encodeSha256Sums,
  encodeSignifyKey,
  encodeSignifyMessage,
  encodeSignifySignature,
  encodeSshSignature,
  encodeSshSignedData,
  encodeStatement,
  encodeUtf8,
  envelopeObject,
  type HexDigest,
  identityOf,
  inTotoKeyId,
  type JsonObject,
  keyNumberOf,
  linkFileName,
  ok,
  predicateOf,
  publicKeyPem,
  quoteIfNeeded,
  type Result,
  type RunEvidence,
  type SignerIdentity,
  SUMS_NAMESPACE,
  SUMS_PRINCIPAL,
  SUMS_SUBJECT,
  sigstoreBundle,
  slsaPredicate,
  subjectsOf,
} from "../../../core/internal.ts";
import { signEnvelope } from "../../keys/sign-envelope.ts";
import { type Signer, signChecked } from "../../keys/signer.ts";
import { digestOf, nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import { type ExportFormat, type ExportPredicate, runFileName } from "./evidence-formats.ts";

/** Names and bytes of files, in the order in which they are written. */
export type EvidenceFiles = ReadonlyMap<string, Uint8Array>;

/** What is signed, and by whom. */
export interface EvidenceRequest {
  readonly evidence: RunEvidence;
  readonly predicate: ExportPredicate;
  readonly signal?: AbortSignal | undefined;
}

/** Makes the one file that is not signed: the list of digests. */
export function listFiles({ outputs }: RunEvidence): EvidenceFiles {
  return new Map([[SUMS_SUBJECT, encodeSha256Sums(outputs)]]);
}

/** Makes the files of formats. Fails as the signer does. */
export async function signedFiles(
  formats: readonly ExportFormat[],
  request: EvidenceRequest,
  signer: Signer,
): Promise<Result<EvidenceFiles, OperationFault>> {
  const maker = new FileMaker(request, signer);
  for (const format of formats) {
    const fault = await maker.make(format);
    if (fault !== undefined) return fault;
  }
  return ok(maker.files);
}

class FileMaker {
  readonly files: Map<string, Uint8Array> = new Map();
  readonly #request: EvidenceRequest;
  readonly #signer: Signer;
  readonly #identity: SignerIdentity;
  readonly #keyNumber: Uint8Array;
  #sums: Uint8Array | undefined;
  #statement: DsseEnvelope | undefined;

  constructor(request: EvidenceRequest, signer: Signer) {
    this.#request = request;
    this.#signer = signer;
    this.#identity = identityOf(signer.publicKey(), nodeCrypto);
    this.#keyNumber = keyNumberOf(this.#identity);
  }

  /** Makes the files of a format; gives the fault of the signer. */
  async make(format: ExportFormat): Promise<OperationFault | undefined> {
    switch (format) {
      case "sums":
        this.#list();
        return undefined;
      case "sshsig":
        return await this.#sshSignature();
      case "minisign":
        return await this.#minisign();
      case "signify":
        return await this.#signify();
      case "dsse":
        return await this.#envelope();
      case "sigstore":
        return await this.#sigstore();
      case "link":
        return await this.#link();
    }
  }

  /** The list of digests, which most formats sign. */
  #list(): Uint8Array {
    this.#sums ??= encodeSha256Sums(this.#request.evidence.outputs);
    this.files.set(SUMS_SUBJECT, this.#sums);
    return this.#sums;
  }

  async #sshSignature(): Promise<OperationFault | undefined> {
    const sums = this.#list();
    const { publicKey } = this.#identity;
    const signature = await this.#sign(encodeSshSignedData(SUMS_NAMESPACE, hashOf("sha512", sums)));
    if (!signature.ok) return signature;
    const armored = encodeSshSignature({ namespace: SUMS_NAMESPACE, publicKey, signature: signature.value });
    this.#put(`${SUMS_SUBJECT}.sig`, armored);
    this.#put("allowed_signers", allowedSignersLine(publicKey, SUMS_PRINCIPAL, SUMS_NAMESPACE));
    return undefined;
  }

  async #minisign(): Promise<OperationFault | undefined> {
    const sums = this.#list();
    const signature = await this.#sign(encodeMinisignMessage(hashOf("blake2b512", sums)));
    if (!signature.ok) return signature;
    const { bundleRoot, runId } = this.#request.evidence;
    const trustedComment = `runseal run ${quoteIfNeeded(runId)}, bundle root ${bundleRoot}`;
    const global = await this.#sign(encodeMinisignGlobal(signature.value, trustedComment));
    if (!global.ok) return global;
    const parts = { keyNumber: this.#keyNumber, signature: signature.value, trustedComment };
    this.#put(
      `${SUMS_SUBJECT}.minisig`,
      encodeMinisignSignature({ ...parts, globalSignature: global.value }),
    );
    this.#put("minisign.pub", encodeMinisignKey(this.#keyNumber, this.#identity.publicKey));
    return undefined;
  }

  async #signify(): Promise<OperationFault | undefined> {
    const list = encodeBsdSums(this.#request.evidence.outputs);
    const signature = await this.#sign(encodeSignifyMessage(list));
    if (!signature.ok) return signature;
    const parts = { keyNumber: this.#keyNumber, signature: signature.value };
    this.files.set("SHA256.sig", encodeSignifySignature(parts, list));
    this.#put("signify.pub", encodeSignifyKey(this.#keyNumber, this.#identity.publicKey));
    return undefined;
  }

  async #envelope(): Promise<OperationFault | undefined> {
    const statement = await this.#signedStatement();
    if (!statement.ok) return statement;
    this.#putRunJson("dsse", envelopeObject(statement.value));
    return undefined;
  }

  async #sigstore(): Promise<OperationFault | undefined> {
    const statement = await this.#signedStatement();
    if (!statement.ok) return statement;
    this.#putRunJson("sigstore", sigstoreBundle(statement.value));
    this.#putJson("trusted_root.json", emptyTrustedRoot());
    return undefined;
  }

  async #link(): Promise<OperationFault | undefined> {
    const { evidence } = this.#request;
    const { publicKey } = this.#identity;
    const keyId = inTotoKeyId(publicKey, nodeCrypto);
    const link = await this.#signedEnvelope(encodeLink(evidence), keyId);
    if (!link.ok) return link;
    const layout = await this.#signedEnvelope(encodeLayout(evidence, publicKey, nodeCrypto), keyId);
    if (!layout.ok) return layout;
    this.#putJson(linkFileName(evidence, keyId), envelopeObject(link.value));
    this.#putRunJson("link", envelopeObject(layout.value));
    this.#put("in-toto.pub", publicKeyPem(publicKey));
    return undefined;
  }

  /** The statement, signed once for both formats that carry it, with the list and the key that its verifiers read. */
  async #signedStatement(): Promise<Result<DsseEnvelope, OperationFault>> {
    const sumsDigest = digestOf(this.#list());
    this.#put("cosign.pub", publicKeyPem(this.#identity.publicKey));
    if (this.#statement !== undefined) return ok(this.#statement);
    const payload = this.#encodeStatement(sumsDigest);
    const envelope = await this.#signedEnvelope(payload, this.#identity.fingerprint);
    if (envelope.ok) this.#statement = envelope.value;
    return envelope;
  }

  #encodeStatement(sumsDigest: HexDigest): Uint8Array {
    const { evidence, predicate } = this.#request;
    const claimed = predicate === "slsa" ? slsaPredicate(evidence) : predicateOf(evidence);
    if (claimed === undefined) throw new TypeError("provenance of a seal was refused before");
    return encodeStatement({ ...claimed, subjects: subjectsOf(evidence, sumsDigest) });
  }

  async #signedEnvelope(payload: Uint8Array, keyId: string): Promise<Result<DsseEnvelope, OperationFault>> {
    return await signEnvelope(this.#signer, payload, keyId, this.#request.signal);
  }

  async #sign(message: Uint8Array): Promise<Result<Uint8Array, OperationFault>> {
    return await signChecked(this.#signer, message, this.#request.signal);
  }

  #put(name: string, text: string): void {
    this.files.set(name, encodeUtf8(text));
  }

  /** The file of a format that is named after the run. */
  #putRunJson(format: ExportFormat, value: JsonObject): void {
    const name = runFileName(format, this.#request.evidence.runId);
    if (name === undefined) throw new TypeError("no file of the format is named after the run");
    this.#putJson(name, value);
  }

  #putJson(name: string, value: JsonObject): void {
    this.files.set(name, Buffer.concat([encodeOwn(value), Buffer.from("\n")]));
  }
}

function hashOf(algorithm: "blake2b512" | "sha512", bytes: Uint8Array): Uint8Array {
  return createHash(algorithm).update(bytes).digest();
}
