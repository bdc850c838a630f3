/**
 * What a restore without result artifacts put into a folder, by the bundles that were restored. The caller names these:
 * nothing in the folder does.
 *
 * @module
 */

import {
  emptyFoldersOf,
  type HexDigest,
  itemAt,
  joinListings,
  type LinkChoice,
  type Listing,
  type OutputClaims,
  type OutputTree,
  ok,
  RestoredFiles,
  type RestoreFault,
  type RestoreSelection,
  type Result,
  restoreFault,
  type SealedTree,
  type TrustDecision,
} from "../../../../core/internal.ts";
import { inspectRun, readSealedTree } from "../../../judge/history/inspect-run.ts";
import { deciderFor, type Trust } from "../../../keys/trust/whom-to-trust.ts";
import { runIdOf } from "../../../records/bundle/open-bundle.ts";
import type { AnchoredRoot } from "../../../system/files/anchored-root.ts";
import { below, folderOf } from "../../transaction/journal/places.ts";
import { decideSigner, notVerified } from "../eligibility.ts";
import { type PlacedFile, placeFiles } from "./placed-files.ts";
import type { PlacedLink, Restored } from "./restored-by-artifacts.ts";

/** Which bundles were restored. */
export interface RestoredBundles {
  /** Run directories. Several are a chain, each run of which has a folder of its id. */
  readonly bundles: readonly string[];
  readonly trust: Trust;
  /** The same selection of files as in the restore; default: all. */
  readonly only?: RestoreSelection;
  /** The same choice of links as in the restore. */
  readonly links?: LinkChoice | undefined;
}

/** A refusal, with the trust decision if the signer was refused. */
export type ByBundlesFault = RestoreFault & { readonly trust?: TrustDecision };

/**
 * Reads the bundles. Fails with RESTORE_VERIFY_STRICT_FAILED if a bundle is not as it was signed or its signer is not trusted,
 * and with RESTORE_SELECTION_NOT_FOUND. A failed run is accepted: it may have been restored.
 */
export function findRestoredByBundles(
  root: AnchoredRoot,
  { bundles, links: choice = "inside", only, trust }: RestoredBundles,
): Result<Restored, ByBundlesFault> {
  const placed: Listing<PlacedFile>[] = [];
  const links: PlacedLink[] = [];
  const emptyFolders: string[] = [];
  const bundleRoots: HexDigest[] = [];
  for (const bundle of bundles) {
    const sealed = readSealed(bundle, trust);
    if (!sealed.ok) return sealed;
    const { bundleRoot, claims, tree } = sealed.value;
    bundleRoots.push(bundleRoot);
    const folder = bundles.length > 1 ? runIdOf(bundle) : "";
    const isWanted = selectionOf(folder, only);
    placed.push(placeClaims(root, claims, isWanted, folder, tree !== undefined));
    if (tree === undefined) continue;
    if (choice !== "none") for (const link of linksOf(tree, folder, isWanted)) links.push(link);
    const empty = emptyFoldersOf(tree, { isSelected: isWanted, links: choice });
    for (const path of empty) emptyFolders.push(below(folder, path));
  }
  const outputs = joinListings(placed);
  if (outputs.length + links.length + emptyFolders.length === 0)
    return restoreFault("PLAN", "RESTORE_SELECTION_NOT_FOUND");
  return ok({ outputs, files: outputs, links, emptyFolders, bundleRoots });
}

interface SealedClaims {
  readonly bundleRoot: HexDigest;
  readonly claims: OutputClaims;
  /** Undefined for a plain bundle. */
  readonly tree: SealedTree | undefined;
}

function readSealed(bundle: string, trust: Trust): Result<SealedClaims, ByBundlesFault> {
  const { failure, run, sealed } = inspectRun(bundle);
  if (failure !== undefined && run.standing !== "failed") return notVerified(failure);
  if (sealed === undefined || run.bundleRoot === undefined)
    throw new TypeError("a bundle that holds has a root and a signer");
  const decided = decideSigner(sealed, deciderFor(trust));
  if (!decided.ok) return decided;
  const tree = readSealedTree(bundle, sealed);
  if (!tree.ok) return notVerified(tree);
  return ok({ bundleRoot: run.bundleRoot, claims: sealed.claims, tree: tree.value });
}

/** Whether a path of a bundle was selected. */
type IsWanted = (path: string) => boolean;

function selectionOf(folder: string, only: RestoreSelection): IsWanted {
  const wanted = only?.map((path) => path.replace(/\/$/, ""));
  return (path) => {
    const full = below(folder, path);
    return wanted === undefined || wanted.some((one) => full === one || full.startsWith(`${one}/`));
  };
}

function* linksOf({ links }: OutputTree, folder: string, isWanted: IsWanted): Generator<PlacedLink> {
  for (let index = 0; index < links.paths.length; index++) {
    const path = itemAt(links.paths, index);
    const full = below(folder, path);
    if (isWanted(path)) yield { path: full, place: full, target: itemAt(links.values, index) };
  }
}

/** The files of a bundle at their real places. Their sizes are those of the existing files: the bundle has only the digests. */
function placeClaims(
  root: AnchoredRoot,
  claims: OutputClaims,
  isWanted: IsWanted,
  folder: string,
  hasTree: boolean,
): Listing<PlacedFile> {
  const files = new RestoredFiles();
  const moved = new Map<string, string>();
  for (const claim of claims) {
    // A claim without a digest or a lawful path can't have been restored.
    if (!claim.lawful || claim.digest === undefined || !isWanted(claim.path)) continue;
    const { digest, path: own } = claim;
    const path = below(folder, own);
    const location = root.locate(path);
    const isMoved = location.kind === "entry" && location.real !== path;
    if (location.kind !== "entry" || (isMoved && hasTree)) {
      files.add({ path: own, digest, bytes: 0 });
      continue;
    }
    const stats = location.dir.lstat(location.name);
    files.add({ path: own, digest, bytes: stats?.isFile() === true ? stats.size : 0 });
    if (isMoved) moved.set(folderOf(path), folderOf(location.real));
  }
  return placeFiles(files, folder, moved);
}
