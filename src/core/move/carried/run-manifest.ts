/**
 * The manifest of a carried run: which layers it has, and what they are (docs/protocol.md). Equal runs have equal manifests. Nothing in a
 * manifest is believed: it says what to fetch, and the bundle says what is right.
 *
 * @module
 */

import { OUTPUTS_ROOT_NAME } from "../../make/proof/outputs-root.ts";
import { type Crypto, matchesDigest } from "../../system/bytes/crypto.ts";
import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
import { compareUtf8, encodeUtf8 } from "../../system/bytes/utf8.ts";
import { ARTIFACT_NAMES, OUTPUT_TREE_NAME } from "../../system/paths/artifact-name.ts";
import { type CarriedPath, parseCarriedPath } from "../archive/carried-path.ts";
import type { BlobName, Descriptor } from "../registry/descriptor.ts";
import { type ImageManifest, plainDescriptor } from "../registry/image-manifest.ts";
import { EMPTY_TYPE, TITLE_ANNOTATION } from "../registry/media-types.ts";

/** The artifact type of a run's manifest. */
export const RUN_ARTIFACT_TYPE = "application/vnd.runseal.bundle.v1+json";

/** The media types of its layers. */
export const CARRIED_TYPES = {
  artifact: "application/vnd.runseal.artifact.v1+json",
  object: "application/vnd.runseal.object.v1",
  pack: "application/vnd.runseal.pack.v1",
  index: "application/vnd.runseal.pack-index.v1",
} as const;

/** Files of a bundle that a manifest carries: the seven artifacts, and two that its signature or its signer vouches for. */
const CARRIED_NAMES: readonly string[] = [...ARTIFACT_NAMES, OUTPUT_TREE_NAME, OUTPUTS_ROOT_NAME];

/** Blobs of one run. A manifest of so many layers has about 3 MiB, and registries accept 4. */
export const MAX_CARRIED_BLOBS = 10_000;

/** Most bytes of a pack: one is held in memory while it is sent, and little of it is read for one file. */
export const MAX_CARRIED_PACK_BYTES: number = 32 * 1024 * 1024;

const RUN_ID_ANNOTATION = "vnd.runseal.run-id";
const ROOT_ANNOTATION = "vnd.runseal.bundle-root";

/** The bytes of an empty configuration, as OCI 1.1 has them. */
export const EMPTY_CONFIG_BYTES: Uint8Array = encodeUtf8("{}");

/** The descriptor of these bytes. */
export const EMPTY_CONFIG: Descriptor = plainDescriptor(
  EMPTY_TYPE,
  "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" as HexDigest,
  2,
);

/** A layer of a run's manifest. */
export interface CarriedLayer extends BlobName {
  readonly kind: keyof typeof CARRIED_TYPES;
  /** The path that the bytes have in a project. */
  readonly title: string;
}

/** A pack, and the index that travels with it. */
export interface CarriedPack {
  readonly id: HexDigest;
  readonly pack: BlobName;
  readonly index: BlobName;
}

/** A run as its manifest describes it. None of it is believed. */
export interface CarriedRunLayers {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** Files of the bundle by name. */
  readonly artifacts: ReadonlyMap<string, BlobName>;
  /** Outputs with layers of their own. */
  readonly objects: readonly BlobName[];
  readonly packs: readonly CarriedPack[];
}

/** A manifest that is not that of a run. */
export interface CarriedRunFault extends Fault<"CARRIED_RUN_MALFORMED"> {
  /** In words of our own: nothing of the manifest is in it. */
  readonly why: string;
}

/** Makes the manifest of a run. The layers may come in any order. */
export function runManifest(
  runId: string,
  bundleRoot: HexDigest,
  layers: readonly CarriedLayer[],
): ImageManifest {
  return {
    artifactType: RUN_ARTIFACT_TYPE,
    config: EMPTY_CONFIG,
    layers: layers.toSorted((left, right) => compareUtf8(left.title, right.title)).map(descriptorOf),
    annotations: new Map([
      [ROOT_ANNOTATION, bundleRoot],
      [RUN_ID_ANNOTATION, runId],
    ]),
  };
}

/** The descriptor of a layer. */
export function descriptorOf({ digest, kind, size, title }: CarriedLayer): Descriptor {
  return {
    mediaType: CARRIED_TYPES[kind],
    digest,
    size,
    annotations: new Map([[TITLE_ANNOTATION, title]]),
  };
}

/**
 * Reads the layers of a run's manifest. All of them must be what a push writes: titled in order, each title once and of its type, all
 * artifacts of one run, each pack with its index, each object under its own digest. Fails with CARRIED_RUN_MALFORMED.
 */
export function readRunManifest(
  { annotations, artifactType, layers }: ImageManifest,
  crypto: Crypto,
): Result<CarriedRunLayers, CarriedRunFault> {
  if (artifactType !== RUN_ARTIFACT_TYPE) return notARun("it is of another artifact type");
  const runId = annotations.get(RUN_ID_ANNOTATION);
  const bundleRoot = annotations.get(ROOT_ANNOTATION);
  if (runId === undefined || !isHexDigest(bundleRoot))
    return notARun("it does not name a run and its bundle root");
  if (layers.length > MAX_CARRIED_BLOBS) return notARun(`it has more than ${MAX_CARRIED_BLOBS} layers`);
  const run = { runId, bundleRoot, artifacts: new Map(), objects: [], packs: [] };
  let before = "";
  let index: IndexLayer | undefined;
  for (const { annotations: own, digest, mediaType, size } of layers) {
    const title = own.get(TITLE_ANNOTATION) ?? "";
    const path = parseCarriedPath(title);
    if (path === undefined || mediaType !== CARRIED_TYPES[path.kind])
      return notARun("a layer is neither an artifact nor an output");
    if (compareUtf8(before, title) >= 0) return notARun("its layers are not in the order of their titles");
    before = title;
    const blob = { digest, size };
    const why = takeLayer(run, path, blob, index, crypto);
    if (why !== undefined) return notARun(why);
    index = path.kind === "index" ? { id: path.id, blob } : undefined;
  }
  return index === undefined ? ok(run) : notARun(UNPAIRED);
}

const UNPAIRED = "a pack has no index, or an index has no pack";

/** An index whose pack comes next: the title of an index is the one before that of its pack. */
interface IndexLayer {
  readonly id: HexDigest;
  readonly blob: BlobName;
}

/** Takes the next layer. Gives why it can't be one of a run. */
function takeLayer(
  run: {
    readonly runId: string;
    readonly artifacts: Map<string, BlobName>;
    readonly objects: BlobName[];
    readonly packs: CarriedPack[];
  },
  path: CarriedPath,
  blob: BlobName,
  index: IndexLayer | undefined,
  crypto: Crypto,
): string | undefined {
  if (index !== undefined && path.kind !== "pack") return UNPAIRED;
  switch (path.kind) {
    case "artifact":
      if (path.runId !== run.runId || !CARRIED_NAMES.includes(path.name))
        return "it carries a file that is not of its bundle";
      run.artifacts.set(path.name, blob);
      return undefined;
    case "object":
      if (!matchesDigest(blob.digest, path.digest, crypto))
        return "an object has another digest than its title";
      run.objects.push(blob);
      return undefined;
    case "index":
      return undefined;
    case "pack":
      if (index === undefined || !matchesDigest(index.id, path.id, crypto)) return UNPAIRED;
      if (blob.size > MAX_CARRIED_PACK_BYTES || index.blob.size > MAX_CARRIED_PACK_BYTES)
        return `a pack has more than ${MAX_CARRIED_PACK_BYTES} bytes`;
      run.packs.push({ id: path.id, pack: blob, index: index.blob });
      return undefined;
  }
}

function notARun(why: string): CarriedRunFault {
  return { ok: false, code: "CARRIED_RUN_MALFORMED", why };
}
