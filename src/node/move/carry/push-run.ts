/**
 * Pushes a run to a repository: blobs that are not there yet, then its manifest, then what refers to it (docs/protocol.md). Until its
 * manifest is there, no reader sees the run; the next push continues one that ended before.
 *
 * @module
 */

import {
  artifactPath,
  type CarriedLayer,
  EMPTY_CONFIG_BYTES,
  encodeManifest,
  type HexDigest,
  indexPath,
  MANIFEST_TYPE,
  MAX_CARRIED_BLOBS,
  ok,
  packPath,
  type Result,
  runManifest,
  shownObject,
} from "../../../core/internal.ts";
import { closedOutputs, type IsClosed } from "../../system/packs/closed-outputs.ts";
import { encodeIndex } from "../../system/packs/shared-pack-index.ts";
import { type OperationFault, operationFault } from "../../system/runtime/operation-fault.ts";
import type { WorkOptions } from "../../system/runtime/progress.ts";
import { memoryBlob } from "../registry/blob-bytes.ts";
import {
  type BlobSource,
  MAX_MANIFEST_BYTES,
  type PutBlob,
  type PutOptions,
  type Repository,
} from "../registry/repository.ts";
import { buildPack, type ReadOutput } from "./build-pack.ts";
import { inLanes } from "./in-lanes.ts";
import { type PlannedPack, planOutputs } from "./plan-outputs.ts";
import { defaultTag, type OwnRun } from "./project-run.ts";
import { putReferrers } from "./put-referrers.ts";

/** Where to push a run. */
export interface PushRequest extends WorkOptions {
  readonly repository: Repository;
  /** Tags that lead to the run; default: `r-` and its bundle root. */
  readonly tags?: readonly string[] | undefined;
}

/** How the blobs of a push came to be in the repository. */
export interface PushedBlobs {
  readonly uploaded: number;
  readonly present: number;
  /** Bytes of blobs that were sent, those that were sent twice included. */
  readonly sentBytes: number;
}

/** A run in a repository. */
export interface PushedRun extends PushedBlobs {
  /** Of its manifest. */
  readonly digest: HexDigest;
  /** Bytes of its manifest. */
  readonly size: number;
  readonly tags: readonly string[];
  readonly blobs: number;
  /** Bytes of all its blobs. */
  readonly bytes: number;
  /** Files with countersignatures or timestamps that refer to it. */
  readonly referrers: number;
}

/**
 * Pushes a verified run. Fails with PUSH_TOO_MANY_BLOBS before anything is sent; with PACK_SOURCE_MISSING or CHANGED_WHILE_READ if an
 * output changed since it was verified; and as the repository does. Throws an Interruption.
 */
export async function pushRun(run: OwnRun, request: PushRequest): Promise<Result<PushedRun, OperationFault>> {
  const { bundle, files, outputs } = run;
  const { repository, signal } = request;
  const tags = request.tags ?? [defaultTag(bundle.bundleRoot)];
  const plan = planOutputs(bundle.outputs);
  const entries = files.size + plan.objects.length + plan.packs.length * 2;
  if (entries > MAX_CARRIED_BLOBS) return operationFault("PUSH_TOO_MANY_BLOBS", { entries });
  const sending = new Sending(request, sizeOf(run), closedOutputs(run.judged.claims, bundle.tree));
  const fault =
    (await inLanes(files, async ([name, bytes]) => {
      const title = artifactPath(bundle.runId, name);
      return await sending.put("artifact", title, memoryBlob(bytes));
    })) ??
    (await inLanes(plan.objects, async (output) => {
      return await sending.put(
        "object",
        shownObject(output.digest),
        outputs.blob(output),
        Buffer.from(output.digest, "hex"),
      );
    })) ??
    (await sending.packs(run, plan.packs));
  if (fault !== undefined) return fault;
  const configured = await repository.putBlob(memoryBlob(EMPTY_CONFIG_BYTES), { signal });
  if (!configured.ok) return configured;
  const bytes = encodeManifest(runManifest(bundle.runId, bundle.bundleRoot, sending.layers));
  if (bytes.length > MAX_MANIFEST_BYTES)
    return operationFault("PUSH_TOO_MANY_BLOBS", { entries: sending.layers.length });
  const manifest = await putTagged(repository, bytes, tags, signal);
  if (!manifest.ok) return manifest;
  const digest = manifest.value;
  const referrers = await putReferrers(run, { digest, size: bytes.length }, request);
  if (!referrers.ok) return referrers;
  return ok({
    ...sending.sent(),
    digest,
    size: bytes.length,
    tags,
    referrers: referrers.value,
    blobs: sending.layers.length,
    bytes: sending.layers.reduce((sum, { size }) => sum + size, 0),
  });
}

function sizeOf({ bundle, files }: OwnRun): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, bundle.bytes);
}

async function putTagged(
  repository: Repository,
  bytes: Uint8Array,
  tags: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Result<HexDigest, OperationFault>> {
  const manifest = { bytes, mediaType: MANIFEST_TYPE };
  // By its digest first: a tag leads only to what is there in whole.
  const put = await repository.putManifest(manifest, undefined, signal);
  if (!put.ok) return put;
  for (const tag of tags) {
    const tagged = await repository.putManifest(manifest, tag, signal);
    if (!tagged.ok) return tagged;
  }
  return put;
}

/** The digests of what carries no output. */
const NONE = new Uint8Array(0);

/** The blobs of one push. */
class Sending {
  readonly layers: CarriedLayer[] = [];
  readonly #repository: Repository;
  readonly #options: PutOptions;
  readonly #isClosed: IsClosed;
  readonly #counts: Record<PutBlob["how"], number> = { present: 0, uploaded: 0 };
  #sentBytes = 0;
  #doneBytes = 0;

  constructor({ progress, repository, signal }: PushRequest, total: number, isClosed: IsClosed) {
    this.#repository = repository;
    this.#isClosed = isClosed;
    const sent = (bytes: number): void => {
      this.#doneBytes += bytes;
    };
    this.#options = { signal, sent };
    progress?.begin("send", { bytes: total }, () => ({ files: this.layers.length, bytes: this.#doneBytes }));
  }

  /** Puts a blob that becomes a layer, and that is as closed as the outputs in it, by their digests of 32 raw bytes each. */
  async put(
    kind: CarriedLayer["kind"],
    title: string,
    blob: BlobSource,
    digests: Uint8Array = NONE,
  ): Promise<OperationFault | undefined> {
    const isClosed = this.#isClosed(digests);
    const put = await this.#repository.putBlob({ ...blob, isClosed }, this.#options);
    if (!put.ok) return put;
    const { how, sentBytes } = put.value;
    this.#counts[how]++;
    this.#sentBytes += sentBytes;
    // What need not be sent is done all the same.
    if (how !== "uploaded") this.#doneBytes += blob.size;
    this.layers.push({ kind, title, digest: blob.digest, size: blob.size });
    return undefined;
  }

  /** Makes packs, and puts each with its index, one after the other: each has up to 32 MiB in memory, and all use the same. */
  async packs({ outputs }: OwnRun, plan: readonly PlannedPack[]): Promise<OperationFault | undefined> {
    const read: ReadOutput = (output, target) => outputs.read(output, target);
    const room = Buffer.allocUnsafeSlow(Math.max(0, ...plan.map(({ size }) => size)));
    for (const planned of plan) {
      const built = await buildPack(planned, room, read, this.#options.signal);
      if (!built.ok) return built;
      const { bytes, id, records } = built.value;
      const fault =
        (await this.put("pack", packPath(id), memoryBlob(bytes), records.digests)) ??
        (await this.put("index", indexPath(id), memoryBlob(encodeIndex(id, records)), records.digests));
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  sent(): PushedBlobs {
    return { ...this.#counts, sentBytes: this.#sentBytes };
  }
}
