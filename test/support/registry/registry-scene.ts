/** Repositories, blobs and manifests for tests of registries. @module */

import { createHash } from "node:crypto";
import {
  type BlobName,
  EMPTY_TYPE,
  encodeManifest,
  type HexDigest,
  isHexDigest,
  MANIFEST_TYPE,
  ok,
  parseReference,
  plainDescriptor,
  type RegistryReference,
} from "../../../src/core/internal.ts";
import { readBlob } from "../../../src/node/move/registry/blob-bytes.ts";
import type { CredentialSource } from "../../../src/node/move/registry/credentials/credentials.ts";
import { DockerCredentials } from "../../../src/node/move/registry/credentials/docker-config.ts";
import type { Patience } from "../../../src/node/move/registry/patience.ts";
import {
  type RegistryOptions,
  registryRepository,
} from "../../../src/node/move/registry/registry-repository.ts";
import type { BlobSource, Repository } from "../../../src/node/move/registry/repository.ts";
import { caseOf } from "../command/case-of.ts";

const NO_CREDENTIALS: CredentialSource = { find: () => Promise.resolve(ok(undefined)) };

/** Tries come at once. */
export const HURRIED: Patience = {
  connectMs: 20_000,
  idleMs: 20_000,
  wholeMs: 20_000,
  tries: 4,
  firstPauseMs: 1,
  longestPauseMs: 2,
  pausesMs: 1_000,
};

/** A registry that is silent is given up soon, too. */
export const IMPATIENT: Patience = { ...HURRIED, idleMs: 500, wholeMs: 1_000 };

/** The SHA-256 of bytes. */
export function digestOf(bytes: Uint8Array): HexDigest {
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (!isHexDigest(digest)) throw new TypeError("a SHA-256 is 64 hex digits");
  return digest;
}

/** Bytes as a blob to be put, in chunks of some size. */
export function blobOf(bytes: Uint8Array, chunkBytes = 1000): BlobSource {
  return {
    digest: digestOf(bytes),
    size: bytes.length,
    async *open(offset) {
      for (let at = offset; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}

/** Reads a whole blob, or a range of it: the OCI digest of what came, or the code and the reason of the failure. */
export async function readBytes(
  repository: Repository,
  blob: BlobName,
  range?: { readonly offset: number; readonly length: number },
): Promise<string> {
  const hash = createHash("sha256");
  const sink = (chunk: Uint8Array): void => void hash.update(chunk);
  const read = await (range === undefined
    ? readBlob(repository, blob, sink)
    : repository.readRange(blob, range, sink));
  return read.ok ? `sha256:${hash.digest("hex")}` : outcome(read);
}

/** `CODE`, or `CODE reason`, and what the registry names. */
export function outcome(result: {
  readonly ok: boolean;
  readonly code?: string;
  readonly details?: object;
}): string {
  if (result.ok) return "ok";
  const { code = "", details = {} } = result;
  const { status, why }: { readonly status?: number; readonly why?: string } = details;
  return [caseOf({ code, details }), why ?? status].filter(Boolean).join(" ");
}

/** The reference to a repository at a host. */
export function referenceTo(host: string, repository = "team/runs"): RegistryReference {
  const reference = parseReference(`${host}/${repository}`);
  if (!reference.ok || reference.value.kind !== "registry") throw new TypeError("the host is not lawful");
  return reference.value;
}

/** Opens a repository, without credentials unless some are given. */
export function openAt(
  host: string,
  { repository, ...options }: Partial<RegistryOptions> & { readonly repository?: string } = {},
): Repository {
  return registryRepository(referenceTo(host, repository), {
    credentials: NO_CREDENTIALS,
    patience: HURRIED,
    ...options,
  });
}

/** The credentials of a docker configuration in a folder. */
export function loggedIn(dockerConfig: string): DockerCredentials {
  return new DockerCredentials({ DOCKER_CONFIG: dockerConfig, PATH: process.env["PATH"] });
}

/** The two bytes that are the configuration of every manifest. */
export const EMPTY_CONFIG: BlobSource = blobOf(Buffer.from("{}"));

/** A manifest over blobs, with a subject if one is given. */
export function manifestOf(
  layers: readonly BlobName[],
  subject?: { readonly digest: HexDigest; readonly size: number },
): Buffer {
  return Buffer.from(
    encodeManifest({
      artifactType: "application/vnd.runseal.bundle.v1+json",
      config: plainDescriptor(EMPTY_TYPE, EMPTY_CONFIG.digest, EMPTY_CONFIG.size),
      layers: layers.map(({ digest, size }) => plainDescriptor("application/octet-stream", digest, size)),
      subject: subject && plainDescriptor(MANIFEST_TYPE, subject.digest, subject.size),
      annotations: new Map(),
    }),
  );
}
