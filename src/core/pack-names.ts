/**
 * What the other layers of this package use of packs, and of the archives of several runs that have them. Part of `internal.ts`.
 *
 * @module
 */

export {
  indexEntryPath,
  OBJECT_MODE,
  objectEntryPath,
  packEntryPath,
} from "./archive/object-paths.ts";
export { ObjectRows, type RunRow } from "./archive/object-rows.ts";
export { walkObjects } from "./archive/walk-objects.ts";
export { compareDigests } from "./packs/compare-digests.ts";
export { digestOfHeads } from "./packs/heads-digest.ts";
export {
  DIGEST_AT,
  decodeTrailer,
  encodeTrailer,
  HEAD_BYTES,
  HEADER_BYTES,
  isPackHeader,
  MAX_PACK_BYTES,
  MAX_PACK_RECORDS,
  MAX_PACKED_BYTES,
  packHeader,
  packIdOf,
  RECORD_MAGIC,
  type RecordHead,
  readHead,
  TRAILER_BYTES,
  type Trailer,
  writeHead,
} from "./packs/pack-format.ts";
export {
  bucketIn,
  fillIndex,
  findInBucket,
  INDEX_HEAD_BYTES,
  type IndexedRecord,
  indexBytes,
  isIndexOf,
  PackIndex,
} from "./packs/pack-index.ts";
export { ColumnsBuilder, makeColumns, type RecordColumns } from "./packs/record-columns.ts";
export {
  digestOfPlace,
  indexName,
  objectPath,
  PACKS_FOLDER,
  packIdIn,
  packName,
  placeOfObject,
  STORE_COMPONENTS,
  STORE_FOLDER,
  shownObject,
} from "./packs/store-paths.ts";
