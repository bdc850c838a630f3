/** OCI layouts of runs as they are, also of runs that no push would send. @module */

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CarriedLayer,
  EMPTY_CONFIG_BYTES,
  encodeManifest,
  type HexDigest,
  isHexDigest,
  MANIFEST_TYPE,
  runManifest,
} from "../../../../src/core/internal.ts";

/** A run: the files of its bundle, and the contents of its outputs. */
export interface RawRun {
  readonly tag: string;
  readonly runId: string;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly outputs: readonly Buffer[];
}

/** Writes runs into a new layout. Each output is a blob of its own. */
export function writeLayout(folder: string, runs: readonly RawRun[]): void {
  const blobs = join(folder, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const put = (bytes: Uint8Array): { readonly digest: HexDigest; readonly size: number } => {
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (!isHexDigest(digest)) throw new TypeError("a SHA-256 is 64 hex digits");
    writeFileSync(join(blobs, digest), bytes);
    return { digest, size: bytes.length };
  };
  put(EMPTY_CONFIG_BYTES);
  const manifests = runs.map((run) => {
    const { digest, size } = put(encodeManifest(runManifest(run.runId, rootOf(run), layersOf(run, put))));
    const annotations = { "org.opencontainers.image.ref.name": run.tag };
    return { mediaType: MANIFEST_TYPE, digest: `sha256:${digest}`, size, annotations };
  });
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  writeFileSync(join(folder, "index.json"), JSON.stringify(index));
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

function layersOf(
  { files, outputs, runId }: RawRun,
  put: (bytes: Uint8Array) => { readonly digest: HexDigest; readonly size: number },
): readonly CarriedLayer[] {
  const artifacts = Array.from(files, ([name, bytes]): CarriedLayer => {
    return { kind: "artifact", title: `.runseal/runs/${runId}/${name}`, ...put(bytes) };
  });
  const objects = new Map<string, CarriedLayer>();
  for (const bytes of outputs) {
    const { digest, size } = put(bytes);
    const title = `.runseal/objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
    objects.set(digest, { kind: "object", title, digest, size });
  }
  return [...artifacts, ...objects.values()];
}

/** The root that the payload claims; zeros where it claims none. */
function rootOf({ files }: RawRun): HexDigest {
  const [, claimed = ""] =
    /"bundle_root":\s*"([0-9a-f]{64})"/.exec(String(files.get("SIGNED_PAYLOAD.json"))) ?? [];
  const root = claimed === "" ? "0".repeat(64) : claimed;
  if (!isHexDigest(root)) throw new TypeError("a root is 64 hex digits");
  return root;
}
