/**
 * The names of what a carried run consists of. Each layer of its manifest is titled by the path that the bytes have in a project, so that
 * a client that writes layers to their titles makes a project (docs/protocol.md).
 *
 *     .runseal/runs/RUN_ID/NAME.json    an artifact of the bundle
 *     .runseal/objects/aa/…             an output, by its SHA-256
 *     .runseal/packs/ID.pack, ID.idx    small outputs, and where they are in the pack
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../bytes/hex.ts";
import { ARTIFACT_NAMES, OUTPUT_TREE_NAME } from "../paths/artifact-name.ts";
import { OUTPUTS_ROOT_NAME } from "../proof/outputs-root.ts";

/** What a title names. */
export type CarriedTitle =
  | { readonly kind: "artifact"; readonly runId: string; readonly name: string }
  | { readonly kind: "object"; readonly digest: HexDigest }
  | { readonly kind: "pack"; readonly id: HexDigest }
  | { readonly kind: "index"; readonly id: HexDigest };

const RUNS = ".runseal/runs/";

/** Files of a bundle that a manifest carries: the seven artifacts, and two that its signature or its signer vouches for. */
export const CARRIED_NAMES: readonly string[] = [...ARTIFACT_NAMES, OUTPUT_TREE_NAME, OUTPUTS_ROOT_NAME];

/** The title of a file of a bundle. */
export function artifactTitle(runId: string, name: string): string {
  return `${RUNS}${runId}/${name}`;
}

/** The title of an output with a layer of its own. */
export function objectTitle(digest: HexDigest): string {
  return `.runseal/objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
}

/** The title of a pack. */
export function packTitle(id: HexDigest): string {
  return `.runseal/packs/${id}.pack`;
}

/** The title of a pack's index. */
export function indexTitle(id: HexDigest): string {
  return `.runseal/packs/${id}.idx`;
}

const ARTIFACT = /^\.runseal\/runs\/([^/]+)\/([A-Z_]+\.json)$/;
const OBJECT = /^\.runseal\/objects\/([0-9a-f]{2})\/([0-9a-f]{62})$/;
const PACK = /^\.runseal\/packs\/([0-9a-f]{64})\.(pack|idx)$/;

/** Reads a title; `undefined` for any other text. The run id of an artifact is not judged here. */
export function parseCarriedTitle(text: string): CarriedTitle | undefined {
  const [, runId, name] = ARTIFACT.exec(text) ?? [];
  if (runId !== undefined && name !== undefined) return { kind: "artifact", runId, name };
  const [, folder = "", rest = ""] = OBJECT.exec(text) ?? [];
  const digest = folder + rest;
  if (isHexDigest(digest)) return { kind: "object", digest };
  const [, id, ending] = PACK.exec(text) ?? [];
  if (!isHexDigest(id)) return undefined;
  return { kind: ending === "pack" ? "pack" : "index", id };
}
