/**
 * The runs of a repository: the manifests that its tags lead to, in the order of the links that the bundles claim.
 *
 * @module
 */

import {
  type BlobName,
  computeHistory,
  DEFAULT_LIMITS,
  DigestIndex,
  type HexDigest,
  type History,
  type HistoryRun,
  isFallbackTag,
  type JsonObject,
  ok,
  parseObject,
  type Result,
  RUN_ARTIFACT_TYPE,
  readClaimedRun,
  unknownRun,
} from "../../../core/internal.ts";
import { nodeCrypto } from "../../system/runtime/node-crypto.ts";
import type { OperationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { readIntoMemory } from "../registry/blob-bytes.ts";
import { isBrokenContent } from "../registry/malformed.ts";
import type { Repository, StoredManifest } from "../registry/repository.ts";
import { inLanes } from "./in-lanes.ts";
import { type FoundRun, readFoundRun } from "./open-carried.ts";

/** Tags whose manifests are read. Each is a request. */
export const MAX_LISTED_TAGS = 10_000;

/** Bytes of the manifests of runs that are kept in memory. Those of 10,000 runs of 20 blobs each have less. */
export const MAX_LISTED_BYTES: number = 64 * 1024 * 1024;

/** A run of a repository, and what it claims. None of it was checked. */
export interface TaggedRun extends FoundRun {
  readonly tags: string[];
  readonly claimed: HistoryRun;
}

/** The runs of a repository. */
export interface ListedRuns {
  readonly runs: ReadonlyMap<HistoryRun, TaggedRun>;
  readonly history: History<HistoryRun>;
  /** Tags that lead to something else than a run. Those of referrers and attestations are not counted. */
  readonly others: number;
  /** Tags whose manifest is broken, or not that of a run though it says so. */
  readonly broken: number;
  /** Tags without a manifest: removed from the repository, or removed while they were listed. */
  readonly gone: number;
  /** Whether more tags exist than are read, or more manifests than are kept. */
  readonly more: boolean;
}

/** Lists the runs of a repository. Fails as the repository does. Throws an Interruption. */
export async function listRepository(
  repository: Repository,
  { progress, signal }: WorkOptions,
): Promise<Result<ListedRuns, OperationFault>> {
  const tags = await repository.listTags(signal);
  if (!tags.ok) return tags;
  const wanted = tags.value.items.filter((tag) => !isFallbackTag(tag));
  const listed = new DigestIndex<TaggedRun>(nodeCrypto);
  const found: TaggedRun[] = [];
  const isKnown = (digest: HexDigest, tag: string): boolean => {
    const known = listed.at(digest)[0];
    known?.tags.push(tag);
    return known !== undefined;
  };
  let [read, others, broken, gone] = [0, 0, 0, 0];
  let room = MAX_LISTED_BYTES;
  progress?.begin("read", { bundles: wanted.length }, () => ({ files: 0, bytes: 0, bundles: read }));
  const fault = await inLanes(wanted.slice(0, MAX_LISTED_TAGS), async (tag) => {
    if (room < 0) return undefined;
    const stored = await repository.readManifest({ tag }, signal);
    read++;
    if (!stored.ok) {
      if (!isBrokenContent(stored)) return stored;
      if (stored.code === "REGISTRY_NOT_FOUND") gone++;
      else broken++;
      return undefined;
    }
    if (isKnown(stored.value.digest, tag)) return undefined;
    const run = readFoundRun(repository, stored.value);
    if (!run.ok) {
      if (isOfRun(stored.value)) broken++;
      else others++;
      return undefined;
    }
    room -= stored.value.bytes.length;
    if (room < 0) return undefined;
    const claimed = await readClaims(repository, run.value, signal);
    if (!claimed.ok) return claimed;
    // Another tag may have led to it meanwhile.
    if (isKnown(run.value.digest, tag)) return undefined;
    const tagged = { ...run.value, tags: [tag], claimed: claimed.value };
    listed.add(run.value.digest, tagged);
    found.push(tagged);
    return undefined;
  });
  if (fault !== undefined) return fault;
  for (const { tags: own } of found) own.sort();
  // Manifests come in any order, and links and times may be equal.
  found.sort((left, right) => (left.digest < right.digest ? -1 : 1));
  const runs = new Map(found.map((run) => [run.claimed, run]));
  const heads = { head: "missing", remembered: undefined, pending: undefined } as const;
  const history = computeHistory([...runs.keys()], heads, nodeCrypto);
  const more = tags.value.more || wanted.length > MAX_LISTED_TAGS || room < 0;
  return ok({ runs, history, others, broken, gone, more });
}

/** Whether a manifest says that it is of a run. */
function isOfRun({ bytes }: StoredManifest): boolean {
  return parseObject(bytes)?.get("artifactType") === RUN_ARTIFACT_TYPE;
}

/** Reads what a run claims of its place in a history, and checks none of it. One whose files are broken claims nothing. */
async function readClaims(
  repository: Repository,
  { layers }: FoundRun,
  signal: AbortSignal | undefined,
): Promise<Result<HistoryRun, OperationFault>> {
  const status = await readObject(repository, layers.artifacts.get("STATUS.json"), signal);
  if (!status.ok) return isBrokenContent(status) ? ok(unknownRun(layers.runId)) : status;
  const payload = await readObject(repository, layers.artifacts.get("SIGNED_PAYLOAD.json"), signal);
  if (!payload.ok) return isBrokenContent(payload) ? ok(unknownRun(layers.runId)) : payload;
  return ok(readClaimedRun(layers.runId, { status: status.value, payload: payload.value }));
}

async function readObject(
  repository: Repository,
  blob: BlobName | undefined,
  signal: AbortSignal | undefined,
): Promise<Result<JsonObject | undefined, OperationFault>> {
  if (blob === undefined || blob.size > DEFAULT_LIMITS.artifactBytes) return ok(undefined);
  const bytes = await readIntoMemory(repository, blob, DEFAULT_LIMITS.artifactBytes, signal);
  if (!bytes.ok) return bytes;
  return ok(parseObject(bytes.value));
}
