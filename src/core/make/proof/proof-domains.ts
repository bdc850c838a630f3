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
import { type Fault, ok, type Result } from "../../system/bytes/result.ts";
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

/** Why a proof can't be made. */
export type ProofRefusalReason =
  | "run-id-empty"
  | "no-domains"
  | "domain-unlawful"
  | "domain-twice"
  | "entry-unlawful"
  | "keys-collide";

/** Input whose proof would be the same as the proof of some other input. */
export interface ProofRefusal extends Fault<"PROOF_REFUSED"> {
  readonly reason: ProofRefusalReason;
  /** The offending folders, or files as `<folder>/<path>`. Each once, in the order of the input. */
  readonly paths: readonly string[];
}

/**
 * Joins the files of all domains. Fails with PROOF_REFUSED if there is no domain, if a domain is not a lawful path
 * or occurs twice, if a key and digest can't be a leaf, or if two files have one key. That includes a file before
 * the run and another one after it.
 */
export function joinDomains(domains: readonly ProofDomain[]): Result<ComparedStates, ProofRefusal> {
  const fault = findDomainFault(domains.map(({ folder }) => folder));
  if (fault !== undefined) return fault;
  const joiner = new Joiner(domains);
  const before = joiner.join((domain) => domain.before);
  const after = joiner.join((domain) => domain.after);
  const undigested = joiner.join((domain) => (domain.undigested ?? []).map(asEntry));
  if (joiner.unlawful.size > 0) return refuseProof("entry-unlawful", joiner.unlawful);
  if (joiner.colliding.size > 0) return refuseProof("keys-collide", joiner.colliding);
  const unreachable = domains.some((domain) => domain.unreachable === true);
  return ok({ before, after, undigested: new Set(undigested.keys()), unreachable });
}

/** Makes a refusal. */
export function refuseProof(reason: ProofRefusalReason, paths: Iterable<string> = []): ProofRefusal {
  return { ok: false, code: "PROOF_REFUSED", reason, paths: [...paths] };
}

/** Gives a path without a digest a placeholder, so that it is checked by the law of paths too. */
function asEntry(path: string): ManifestEntry {
  return { path, digest: "0".repeat(64) };
}

function findDomainFault(folders: readonly string[]): ProofRefusal | undefined {
  if (folders.length === 0) return refuseProof("no-domains");
  const unlawful = folders.filter((folder) => !parseOutputPath(folder, { refuseColon: false }).ok);
  if (unlawful.length > 0) return refuseProof("domain-unlawful", unlawful);
  const twice = new Set(folders.filter((folder, index) => folders.indexOf(folder) !== index));
  return twice.size > 0 ? refuseProof("domain-twice", twice) : undefined;
}

/** Assigns keys, and remembers the folder of each key across both states. */
class Joiner {
  readonly unlawful: Set<string> = new Set();
  readonly colliding: Set<string> = new Set();
  readonly #domains: readonly ProofDomain[];
  readonly #owners = new Map<string, string>();

  constructor(domains: readonly ProofDomain[]) {
    this.#domains = domains;
  }

  join(filesOf: (domain: ProofDomain) => readonly ManifestEntry[]): FileManifest {
    const manifest = new Map<string, HexDigest>();
    for (const domain of this.#domains) {
      const { folder } = domain;
      for (const { path, digest } of filesOf(domain)) {
        const key = this.#domains.length > 1 ? `${folder}/${normalize(path)}` : normalize(path);
        const taken = manifest.has(key) || this.#isOfAnotherFolder(key, folder);
        if (taken) this.colliding.add(`${folder}/${path}`);
        if (isHexDigest(digest) && isManifestEntry({ path: key, digest })) manifest.set(key, digest);
        else this.unlawful.add(`${folder}/${path}`);
      }
    }
    return manifest;
  }

  #isOfAnotherFolder(key: string, folder: string): boolean {
    const owner = this.#owners.get(key) ?? folder;
    this.#owners.set(key, owner);
    return owner !== folder;
  }
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
