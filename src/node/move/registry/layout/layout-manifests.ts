/** Manifests of an OCI layout, and the index that leads to them. @module */

import {
  addToIndex,
  type Descriptor,
  declaredMediaType,
  fallbackTag,
  type HexDigest,
  INDEX_TYPE,
  MANIFEST_TYPE,
  ociDigest,
  ok,
  parseIndex,
  parseManifest,
  REF_NAME_ANNOTATION,
  type Result,
} from "../../../../core/internal.ts";
import { nodeFileSystem as fs } from "../../../system/files/file-system.ts";
import { readRegularFile } from "../../../system/files/read-source.ts";
import { FileEdit } from "../../../system/locks/file-edit.ts";
import { reasonOf } from "../../../system/runtime/machine-reason.ts";
import { isSameDigest } from "../../../system/runtime/node-crypto.ts";
import { type OperationFault, operationFault } from "../../../system/runtime/operation-fault.ts";
import { readIntoMemory } from "../blob-bytes.ts";
import { isBrokenContent, malformed } from "../malformed.ts";
import {
  type BoundedList,
  MAX_MANIFEST_BYTES,
  MAX_REFERRERS,
  type ManifestAddress,
  type StoredManifest,
} from "../repository.ts";
import { blobSize, layoutReader } from "./layout-blobs.ts";
import { INDEX_NAME, type LayoutFolder } from "./layout-folder.ts";

/** Bytes of manifests that are read to find the referrers of one. */
const MAX_SEARCHED_BYTES: number = 16 * 1024 * 1024;

/** The entries of the index. Fails with REGISTRY_MALFORMED or READ_FAILED. */
export function readEntries({
  reference,
  root,
}: LayoutFolder): Result<readonly Descriptor[], OperationFault> {
  try {
    const read = readRegularFile(root, INDEX_NAME, MAX_MANIFEST_BYTES, fs);
    if (read.kind !== "bytes") return malformed(reference, "index");
    const parsed = parseIndex(read.bytes);
    return parsed.ok ? parsed : malformed(reference, "index");
  } catch (thrown) {
    return operationFault("READ_FAILED", { path: reference, reason: reasonOf(thrown) });
  }
}

/** The tag that an entry gives to its manifest. */
export function tagOf(entry: Descriptor): string | undefined {
  return entry.annotations.get(REF_NAME_ANNOTATION);
}

/** Reads a manifest or an index by tag or digest. Throws an Interruption. */
export async function readLayoutManifest(
  folder: LayoutFolder,
  address: ManifestAddress,
  signal: AbortSignal | undefined,
): Promise<Result<StoredManifest, OperationFault>> {
  if ("digest" in address) return await readByDigest(folder, address.digest, signal);
  const entries = readEntries(folder);
  if (!entries.ok) return entries;
  const tagged = entries.value.filter((entry) => tagOf(entry) === address.tag);
  const [entry] = tagged;
  if (entry === undefined)
    return operationFault("REGISTRY_NOT_FOUND", {
      reason: "content",
      reference: `${folder.reference}:${address.tag}`,
    });
  // Readers would choose different ones.
  if (tagged.length > 1) return malformed(folder.reference, "tag");
  const read = await readByDigest(folder, entry.digest, signal);
  if (!read.ok || read.value.bytes.length === entry.size) return read;
  return malformed(folder.reference, "size");
}

/** Adds a manifest that is there to the index, or moves a tag to it. Throws an Interruption. */
export async function listInIndex(
  folder: LayoutFolder,
  manifest: Descriptor,
  tag: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Result<undefined, OperationFault>> {
  const { indexPath, reference } = folder;
  const annotations = new Map(tag === undefined ? [] : [[REF_NAME_ANNOTATION, tag]]);
  try {
    const opened = await FileEdit.open(indexPath, `${reference}/${INDEX_NAME}`, signal);
    if (!opened.ok) return opened;
    using edit = opened.value;
    const found = edit.read(MAX_MANIFEST_BYTES);
    if (found.kind !== "file") return malformed(reference, "index");
    const entries = parseIndex(found.bytes);
    if (!entries.ok) return malformed(reference, "index");
    const isSame = (entry: Descriptor): boolean => isSameDigest(entry.digest, manifest.digest);
    if (entries.value.some((entry) => isSame(entry) && (tag === undefined || tagOf(entry) === tag)))
      return ok(undefined);
    // A tag leads to one manifest. The entry of a manifest that has no tag yet becomes the one with it.
    const replaces = (entry: Descriptor): boolean =>
      tag !== undefined && (tagOf(entry) === tag || (isSame(entry) && tagOf(entry) === undefined));
    const added = addToIndex(found.bytes, { ...manifest, annotations }, replaces);
    if (!added.ok || added.value.length > MAX_MANIFEST_BYTES) return malformed(reference, "index");
    edit.stage(added.value, found);
    return edit.commit(false);
  } catch (thrown) {
    return operationFault("WRITE_FAILED", { path: reference, reason: reasonOf(thrown) });
  }
}

/** Lists the manifests of the index whose subject is one. Throws an Interruption. */
export async function findReferrers(
  folder: LayoutFolder,
  subject: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<BoundedList<Descriptor>, OperationFault>> {
  const entries = readEntries(folder);
  if (!entries.ok) return entries;
  const items: Descriptor[] = [];
  let bytes = 0;
  for (const entry of entries.value) {
    // Clients copy the fallback index of a registry as it is.
    const isFallback = entry.mediaType === INDEX_TYPE && tagOf(entry) === fallbackTag(subject);
    if (entry.mediaType !== MANIFEST_TYPE && !isFallback) continue;
    bytes += entry.size;
    if (bytes > MAX_SEARCHED_BYTES) return ok({ items, more: true });
    const read = await readByDigest(folder, entry.digest, signal);
    // Another manifest of the layout may be gone, or anything: that is no fault of this subject's.
    if (!read.ok && isBrokenContent(read)) continue;
    if (!read.ok) return read;
    const referrers = isFallback ? parseIndex(read.value.bytes) : ok(referrerOf(read.value, subject, items));
    if (!referrers.ok) continue;
    for (const one of referrers.value) {
      if (items.length === MAX_REFERRERS) return ok({ items, more: true });
      items.push(one);
    }
  }
  return ok({ items, more: false });
}

/** The descriptor of a manifest that refers to a subject, as the referrers API gives it; one that is listed already is not again. */
function referrerOf(
  { bytes, digest, mediaType }: StoredManifest,
  subject: HexDigest,
  listed: readonly Descriptor[],
): readonly Descriptor[] {
  const parsed = parseManifest(bytes);
  if (!parsed.ok || !isSameDigest(subject, parsed.value.subject?.digest)) return [];
  if (listed.some((one) => isSameDigest(one.digest, digest))) return [];
  const { annotations, artifactType, config } = parsed.value;
  return [
    { mediaType, digest, size: bytes.length, annotations, artifactType: artifactType ?? config.mediaType },
  ];
}

/** Reads a blob that is a manifest or an index. */
async function readByDigest(
  folder: LayoutFolder,
  digest: HexDigest,
  signal: AbortSignal | undefined,
): Promise<Result<StoredManifest, OperationFault>> {
  const reference = `${folder.reference}@${ociDigest(digest)}`;
  const size = blobSize(folder, digest);
  if (!size.ok) return size;
  if (size.value === undefined) return operationFault("REGISTRY_NOT_FOUND", { reason: "content", reference });
  if (size.value > MAX_MANIFEST_BYTES) return malformed(reference, "too-large");
  const blob = { digest, size: size.value };
  const read = await readIntoMemory(layoutReader(folder), blob, MAX_MANIFEST_BYTES, signal);
  if (!read.ok) return read;
  const bytes = read.value;
  const mediaType = declaredMediaType(bytes) ?? MANIFEST_TYPE;
  return mediaType === MANIFEST_TYPE || mediaType === INDEX_TYPE
    ? ok({ bytes, digest, mediaType })
    : malformed(reference, "media-type");
}
