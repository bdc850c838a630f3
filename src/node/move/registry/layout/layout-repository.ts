/** An OCI layout on disk as a repository. @module */

import {
  isTag,
  type LayoutReference,
  MANIFEST_TYPE,
  ok,
  parseManifest,
  plainDescriptor,
  type Result,
} from "../../../../core/internal.ts";
import type { OperationFault } from "../../../system/runtime/operation-fault.ts";
import { memoryBlob } from "../blob-bytes.ts";
import { type BoundedList, MAX_TAGS, type Repository } from "../repository.ts";
import { layoutReader, writeBlob } from "./layout-blobs.ts";
import { type LayoutFolder, openLayoutFolder } from "./layout-folder.ts";
import { findReferrers, listInIndex, readEntries, readLayoutManifest, tagOf } from "./layout-manifests.ts";

/** How to open a layout. */
export interface LayoutOptions {
  /** Whether to make a layout where nothing is. */
  readonly makes: boolean;
}

/**
 * Opens a layout on disk. Blobs and the index are durable once a method has put them. Fails with REGISTRY_NOT_FOUND,
 * REGISTRY_MALFORMED, READ_FAILED or, for a new one, WRITE_FAILED.
 */
export function openLayout(
  reference: LayoutReference,
  { makes }: LayoutOptions,
): Result<Repository, OperationFault> {
  const opened = openLayoutFolder(reference, makes);
  if (!opened.ok) return opened;
  const folder = opened.value;
  const putManifest: Repository["putManifest"] = async ({ bytes, mediaType }, tag, signal) => {
    const source = memoryBlob(bytes);
    const written = await writeBlob(folder, source, { signal });
    if (!written.ok) return written;
    const parsed = mediaType === MANIFEST_TYPE ? parseManifest(bytes) : undefined;
    const artifactType = parsed?.ok === true ? parsed.value.artifactType : undefined;
    const descriptor = { ...plainDescriptor(mediaType, source.digest, source.size), artifactType };
    const listed = await listInIndex(folder, descriptor, tag, signal);
    return listed.ok ? ok(source.digest) : listed;
  };
  return ok({
    ...layoutReader(folder),
    readManifest: (address, signal) => readLayoutManifest(folder, address, signal),
    putManifest,
    listTags: async () => listTags(folder),
    putBlob: (source, options = {}) => writeBlob(folder, source, options),
    listReferrers: (subject, signal) => findReferrers(folder, subject, signal),
    putReferrer: async (_subject, { mediaType }, bytes, signal) => {
      // The manifest itself names its subject, and every manifest of the index is looked at.
      const put = await putManifest({ bytes, mediaType }, undefined, signal);
      return put.ok ? ok(undefined) : put;
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  });
}

function listTags(folder: LayoutFolder): Result<BoundedList<string>, OperationFault> {
  const entries = readEntries(folder);
  if (!entries.ok) return entries;
  // Other tools write whole references there, which are not tags.
  const tags = new Set(entries.value.map((entry) => tagOf(entry) ?? "").filter(isTag));
  const items = [...tags].slice(0, MAX_TAGS);
  return ok({ items, more: tags.size > items.length });
}
