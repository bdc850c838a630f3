/**
 * What a manifest or an index of OCI 1.1 says about one blob or manifest that it points to.
 *
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md
 *
 * @module
 */

import type { HexDigest } from "../../system/bytes/hex.ts";

/** Bytes that a registry keeps under their digest. */
export interface BlobName {
  /** SHA-256. No other algorithm is read: `sha256:` and these 64 hex characters are the OCI digest. */
  readonly digest: HexDigest;
  /** In bytes. */
  readonly size: number;
}

/** A descriptor: a name, the media type of the bytes, and what else is said of them. */
export interface Descriptor extends BlobName {
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  /** Texts by their key, in the order of the keys' UTF-8 bytes. They are not believed. */
  readonly annotations: ReadonlyMap<string, string>;
}
