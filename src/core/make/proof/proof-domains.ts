/**
 * Joins the scratch folders of a run ("catalytic domains"), before and after it, into the one manifest of a state
 * of PROOF.json (PROTOCOL 10).
 *
 * With one folder a key is `<path>`, with several `<folder>/<path>`. Then `a` + `b/x` and `a/b` + `x` have one key.
 * The proof could not show that a file moved from one to the other, or changed in one of them. So it is refused.
 *
 * @module
 */

import { type HexDigest, isHexDigest } from "../../system/bytes/hex.ts";
import { parseOutputPath } from "../../system/paths/output-path.ts";
import { isManifestEntry, type ManifestEntry } from "./merkle.ts";
import type { ComparedStates, FileManifest } from "./restoration.ts";

/** One scratch folder, before and after a run. */
export interface ProofDomain {
  /** The folder, relative to the project root, a lawful path. */
  readonly folder: string;
  /** Its files, paths relative to the folder. */
  readonly before: readonly ManifestEntry[];
  readonly after: readonly ManifestEntry[];
  /** Paths that exist after the run but have no digest: links, devices. */
  readonly undigested?: readonly string[] | undefined;
  /** Whether the folder, or an entry in it, could not be read after the run. */
  readonly unreachable?: boolean | undefined;
}

/**
 * Joins the files of all domains. Throws a RangeError if there is no domain, if a domain is not a lawful path or occurs twice, if a key
 * and digest can't be a leaf, or if two files have one key, also one before the run and another one after it: the proof would be
 * the same as that of some other input. The caller leaves such names out, and refuses such folders.
 */
export function joinDomains(domains: readonly ProofDomain[]): ComparedStates {
  const folders = domains.map(({ folder }) => folder);
  if (folders.length === 0) throw refusal("no domains");
  for (const [index, folder] of folders.entries()) {
    if (!parseOutputPath(folder, { refuseColon: false }).ok) throw refusal("unlawful domain", folder);
    if (folders.indexOf(folder) !== index) throw refusal("domain twice", folder);
  }
  const owners = new Map<string, string>();
  const join = (filesOf: (domain: ProofDomain) => readonly ManifestEntry[]): FileManifest => {
    const manifest = new Map<string, HexDigest>();
    for (const domain of domains) {
      const { folder } = domain;
      for (const { path, digest } of filesOf(domain)) {
        const key = domains.length > 1 ? `${folder}/${normalize(path)}` : normalize(path);
        const isTaken = manifest.has(key) || (owners.get(key) ?? folder) !== folder;
        if (isTaken) throw refusal("keys collide", `${folder}/${path}`);
        if (!isHexDigest(digest) || !isManifestEntry({ path: key, digest }))
          throw refusal("unlawful entry", `${folder}/${path}`);
        owners.set(key, folder);
        manifest.set(key, digest);
      }
    }
    return manifest;
  };
  const [before, after] = [join((domain) => domain.before), join((domain) => domain.after)];
  const undigested = join((domain) => (domain.undigested ?? []).map(asEntry));
  const unreachable = domains.some((domain) => domain.unreachable === true);
  return { before, after, undigested: new Set(undigested.keys()), unreachable };
}

function refusal(words: string, path = ""): RangeError {
  return new RangeError(`no proof can be made: ${words}: ${path}`);
}

/** Gives a path without a digest a placeholder, so that it is checked by the law of paths too. */
function asEntry(path: string): ManifestEntry {
  return { path, digest: "0".repeat(64) };
}

/**
 * Removes `.` and empty components, as other provers do. Keeps them in an absolute path and at the end of a path:
 * such a path is refused.
 */
function normalize(path: string): string {
  if (path.startsWith("/")) return path;
  const components = path.split("/");
  const last = components.length - 1;
  return components.filter((name, index) => index === last || (name !== "" && name !== ".")).join("/");
}
