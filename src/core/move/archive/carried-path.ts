/**
 * The paths that the files of runs and their outputs have in a project. An archive has them as names of entries, and a registry as
 * titles of layers, so that a client that unpacks either makes a project (docs/protocol.md).
 *
 *     .runseal/runs/RUN_ID/NAME.json    a file of the bundle
 *     .runseal/objects/aa/…             an output, by its SHA-256
 *     .runseal/packs/ID.pack, ID.idx    small outputs, and where they are in the pack
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";

/** What a path names. */
export type CarriedPath =
  | { readonly kind: "artifact"; readonly runId: string; readonly name: string }
  | { readonly kind: "object"; readonly digest: HexDigest }
  | { readonly kind: "pack"; readonly id: HexDigest }
  | { readonly kind: "index"; readonly id: HexDigest };

/** Where the bundles of a project are. */
export const RUNS = ".runseal/runs/";

/** The path of a bundle's file. */
export function artifactPath(runId: string, name: string): string {
  return `${RUNS}${runId}/${name}`;
}

const ARTIFACT = /^\.runseal\/runs\/([^/]+)\/([A-Z_]+\.json)$/;
const OBJECT = /^\.runseal\/objects\/([0-9a-f]{2})\/([0-9a-f]{62})$/;
const PACK = /^\.runseal\/packs\/([0-9a-f]{64})\.(pack|idx)$/;

/** Reads a path; `undefined` for any other text. The run id and the name of an artifact are not judged here. */
export function parseCarriedPath(text: string): CarriedPath | undefined {
  const [, runId, name] = ARTIFACT.exec(text) ?? [];
  if (runId !== undefined && name !== undefined) return { kind: "artifact", runId, name };
  const [, folder = "", rest = ""] = OBJECT.exec(text) ?? [];
  const digest = folder + rest;
  if (isHexDigest(digest)) return { kind: "object", digest };
  const [, id, ending] = PACK.exec(text) ?? [];
  if (!isHexDigest(id)) return undefined;
  return { kind: ending === "pack" ? "pack" : "index", id };
}
