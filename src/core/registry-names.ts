/**
 * What the other layers use of the core about registries: a part of `internal.ts`.
 *
 * @module
 */

export {
  artifactTitle,
  indexTitle,
  objectTitle,
  packTitle,
} from "./carried/carried-title.ts";
export {
  type ReferrerKind,
  referrerDescriptor,
  referrerFile,
  referrerKindOf,
  referrerManifest,
} from "./carried/referrer.ts";
export {
  type CarriedLayer,
  type CarriedPack,
  type CarriedRunLayers,
  EMPTY_CONFIG_BYTES,
  MAX_CARRIED_BLOBS,
  MAX_CARRIED_PACK_BYTES,
  readRunManifest,
  runManifest,
} from "./carried/run-manifest.ts";
export { type Challenge, parseChallenges } from "./registry/challenge.ts";
export type { BlobName, Descriptor } from "./registry/descriptor.ts";
export { parseRegistryError, type RegistryErrorCode } from "./registry/error-codes.ts";
export {
  mediaTypeOf,
  parseContentRange,
  parseCount,
  parseNextLink,
  parseRetryAfter,
  parseUploadedBytes,
} from "./registry/header-values.ts";
export {
  addToIndex,
  declaredMediaType,
  encodeEmptyIndex,
  encodeManifest,
  type ImageManifest,
  type ManifestReason,
  parseIndex,
  parseManifest,
  plainDescriptor,
} from "./registry/image-manifest.ts";
export {
  EMPTY_TYPE,
  INDEX_TYPE,
  MANIFEST_TYPE,
  REF_NAME_ANNOTATION,
} from "./registry/media-types.ts";
export {
  fallbackTag,
  isFallbackTag,
  isTag,
  type LayoutReference,
  ociDigest,
  parseOciDigest,
  parseReference,
  type Reference,
  type ReferencePart,
  type RegistryReference,
  referenceText,
  repositoryText,
} from "./registry/reference.ts";
export { parseTagList } from "./registry/tag-list.ts";
