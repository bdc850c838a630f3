/**
 * Plan, then apply: which files a restore puts where, decided before anything is written (PROTOCOL 13.4).
 *
 * @module
 */

import { declareDigest } from "./artifacts/output-claims.ts";
import { encodeCanonical } from "./canonical-json.ts";
import type { HexDigest } from "./hex.ts";
import { type JsonObject, jsonInteger, jsonObject } from "./json-value.ts";
import type { OutputPath } from "./output-path.ts";
import { type RestoreFault, restoreFault } from "./restore-fault.ts";
import { compareUtf8 } from "./utf8.ts";
import type { VerifiedBundle, VerifiedOutput } from "./verify-bundle.ts";

/** The two files that a restore leaves beside what it restored, at the top of the root. */
export const RESULT_ARTIFACTS = ["RESTORE_MANIFEST.json", "RESTORE_REPORT.json"] as const;

/** What a restore will do. */
export interface RestorePlan {
  readonly bundleRoot: HexDigest;
  /** In byte order of path. */
  readonly files: readonly VerifiedOutput[];
  readonly bytes: number;
}

/** What stands where a source should be, by lstat below the project root. */
export type SourceKind = "file" | "missing" | "other";

/** Puts the outputs of a verified bundle in order. Nothing but a `VerifiedBundle` can be planned for. */
export function planRestore(bundle: VerifiedBundle): RestorePlan {
  const files = [...bundle.outputs].sort((left, right) => compareUtf8(left.path, right.path));
  return { bundleRoot: bundle.bundleRoot, files, bytes: bundle.bytes };
}

/**
 * Holds a plan against its sources. Fails with RESTORE_SOURCE_MISSING or RESTORE_SOURCE_NOT_REGULAR_FILE
 * (a link too: the plan copies files, it does not follow anything) at the first path.
 */
export function checkSources(
  plan: RestorePlan,
  kindOf: (path: OutputPath) => SourceKind,
): RestoreFault | undefined {
  for (const { path } of plan.files) {
    const kind = kindOf(path);
    if (kind === "missing") return restoreFault("PLAN", "RESTORE_SOURCE_MISSING", { path });
    if (kind === "other") return restoreFault("PLAN", "RESTORE_SOURCE_NOT_REGULAR_FILE", { path });
  }
  return undefined;
}

/**
 * Fails with RESTORE_TARGET_PATH_EXISTS where a target or a result artifact is there already, by lstat: a
 * dangling link exists too.
 */
export function checkTargets(
  plan: RestorePlan,
  isThere: (path: string) => boolean,
): RestoreFault | undefined {
  const targets = [...plan.files.map((file): string => file.path), ...RESULT_ARTIFACTS];
  const taken = targets.find(isThere);
  return taken === undefined
    ? undefined
    : restoreFault("EXECUTE", "RESTORE_TARGET_PATH_EXISTS", { path: taken });
}

/** Encodes RESTORE_MANIFEST.json, canonical (PROTOCOL 13.6). */
export function encodeRestoreManifest(plan: RestorePlan): Uint8Array {
  const entries = plan.files.map(({ path, digest, bytes }) =>
    jsonObject({ bytes: jsonInteger(bytes), relative_path: path, sha256: declareDigest(digest) }),
  );
  return encode(jsonObject({ entries }));
}

/** Encodes RESTORE_REPORT.json, canonical (PROTOCOL 13.6). `chainRoot` is undefined outside a chain. */
export function encodeRestoreReport(plan: RestorePlan, chainRoot: HexDigest | undefined): Uint8Array {
  return encode(
    jsonObject({
      bundle_roots: [plan.bundleRoot],
      chain_root: chainRoot ?? null,
      ok: true,
      restored_bytes: jsonInteger(plan.bytes),
      restored_files_count: jsonInteger(plan.files.length),
    }),
  );
}

function encode(object: JsonObject): Uint8Array {
  const encoded = encodeCanonical(object);
  if (!encoded.ok) throw new TypeError("texts and integers always have a canonical form");
  return encoded.value;
}
