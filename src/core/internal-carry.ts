/** What carries runs: archives, registries, and the manifests of carried runs. Not published; see internal.ts. @module */

export {
  type ArchiveCode,
  type ArchiveFault,
  type ArchiveFlaw,
  archiveFault,
} from "./archive/archive-fault.ts";
export { type ArchiveEvent, ArchiveParser } from "./archive/archive-parser.ts";
export {
  BUNDLE_FILES,
  bundleFileLimit,
  bundleFilePath,
  bundleOfFiles,
  parseBundleFilePath,
} from "./archive/bundle-files.ts";
export { type ArchiveEntry, END_MARKER, encodeHead, paddingOf } from "./archive/entry-head.ts";
export { EntryMatcher } from "./archive/match-entries.ts";
export { areInOrder, outputEntries, PLAIN_MODES } from "./archive/output-entries.ts";
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
  parseIndex,
  parseManifest,
  plainDescriptor,
} from "./registry/image-manifest.ts";
export {
  EMPTY_TYPE,
  INDEX_TYPE,
  MANIFEST_TYPE,
  REF_NAME_ANNOTATION,
  TITLE_ANNOTATION,
} from "./registry/media-types.ts";
export {
  fallbackTag,
  isFallbackTag,
  isRepositoryName,
  isTag,
  type LayoutReference,
  looksLikeReference,
  ociDigest,
  parseOciDigest,
  parseReference,
  type Reference,
  type RegistryReference,
  referenceText,
  repositoryText,
} from "./registry/reference.ts";
export { parseTagList } from "./registry/tag-list.ts";
