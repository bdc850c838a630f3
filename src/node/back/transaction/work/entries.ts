/**
 * All files and links of a restore by their numbers, in the order in which they are staged: the manifest of a chain, the outputs,
 * the result artifacts, the links (PROTOCOL 13.5 to 13.8). Links come last, so that nothing is ever written through one.
 *
 * @module
 */

import { createHash, randomUUID } from "node:crypto";
import {
  digestToHex,
  encodeChainManifest,
  encodeRestoredTree,
  encodeRestoreManifest,
  encodeRestoreReport,
  type HexDigest,
  itemAt,
  type Listing,
  makeListing,
  RESTORE_TREE_NAME,
  RESULT_ARTIFACTS,
  type RestorePlan,
  resultArtifacts,
  STAGING_PREFIX,
  type TreeLink,
  targetPath,
} from "../../../../core/internal.ts";
import { NO_BYTES } from "../journal/journal.ts";
import type { TreeNeeds } from "../journal/probe-tree.ts";
import { OutputReader, type RunOutput, type SharedOutputs, shareOutputs } from "./shared-outputs.ts";
import { type RunTree, TreeEntries } from "./tree-entries.ts";

const [MANIFEST] = RESULT_ARTIFACTS;

/** A run of a restore. */
export interface RunEntries {
  readonly runId: string;
  readonly bundleRoot: HexDigest;
  /** The folder below the restore root that its files come into; empty for the root itself. */
  readonly folder: string;
  readonly files: Listing<RunOutput>;
  readonly bytes: number;
  /** Undefined for a plain bundle. */
  readonly tree: RunTree | undefined;
}

/** A result artifact of a run. */
interface Artifact {
  readonly run: RunEntries;
  readonly name: string;
}

/** How to restore entries. */
export interface EntriesOptions {
  /** Whether result artifacts are written; default: `true`. */
  readonly reports?: boolean | undefined;
  /** Whether files may have other modes in their places, as on file systems that have none; default: `false`. */
  readonly ignoreModes?: boolean | undefined;
}

/** The entries of a plan by their numbers. Each is made when a caller asks; only shared memory is kept. */
export class Entries {
  readonly length: number;
  /** How many, from the first on, stand in the root only while the restore runs. */
  readonly passing: number;
  /** The index of the first result artifact. */
  readonly artifacts: number;
  /** The index of the first link. */
  readonly links: number;
  /** The outputs among them, in their order. */
  readonly outputs: OutputReader;
  readonly shared: SharedOutputs;
  readonly runs: readonly RunEntries[];
  /** Links and empty folders of all runs. */
  readonly trees: TreeEntries;
  /** Undefined outside a chain. */
  readonly chainRoot: HexDigest | undefined;
  readonly bytes: number;
  /** A name that can't be guessed. It is created exclusively all the same (H-08). */
  readonly #chainManifest = `${STAGING_PREFIX}chain_${randomUUID()}.json`;
  readonly #artifacts: readonly Artifact[];
  /** Digests of files that are no outputs. */
  readonly #own = new Map<number, HexDigest>();

  /** Nothing of the plan is held, which holds the bundles' documents. */
  constructor(plan: RestorePlan, { ignoreModes = false, reports = true }: EntriesOptions = {}) {
    const { chainRoot } = plan;
    const shared = shareOutputs(plan.runs, !ignoreModes);
    const outputs = new OutputReader(shared);
    const trees = new TreeEntries(plan.runs, !ignoreModes);
    this.outputs = outputs;
    this.shared = shared;
    this.trees = trees;
    this.chainRoot = chainRoot;
    this.runs = plan.runs.map(({ bundleRoot, bytes, files: { length }, folder, runId }, index) => {
      const files = outputs.slice(itemAt(shared.runs, index).start, length);
      return { runId, bundleRoot, folder, files, bytes, tree: trees.runs[index] };
    });
    this.#artifacts = reports
      ? this.runs.flatMap((run) => resultArtifacts(run.tree !== undefined).map((name) => ({ run, name })))
      : [];
    this.bytes = plan.runs.reduce((sum, run) => sum + run.bytes, 0);
    this.passing = chainRoot === undefined ? 0 : 1;
    this.artifacts = this.passing + outputs.length;
    this.links = this.artifacts + this.#artifacts.length;
    this.length = this.links + trees.links.length;
  }

  /** What the file system must be able to hold. `isThere`: which folders are there. */
  needs(isThere: (folder: string) => boolean): Omit<TreeNeeds, "hardLinks"> {
    const { isAny, checksModes } = this.trees;
    const unreadable = this.trees.unreadable(isThere) ?? this.outputs.unreadable;
    return { links: this.length > this.links, modes: isAny && checksModes, unreadable };
  }

  /** Where an entry is to stand, relative to the restore root. */
  path(index: number): string {
    if (index < this.passing) return this.#chainManifest;
    if (index < this.artifacts) return this.outputs.target(index - this.passing);
    if (index >= this.links) return this.link(index).path;
    const { name, run } = this.#artifact(index);
    return targetPath(run, name);
  }

  /** Where the outputs are to stand, in their order. */
  get targets(): Listing<string> {
    const { outputs } = this;
    return makeListing(outputs.length, (index) => outputs.target(index));
  }

  /** A link by its number among all entries. Its path is relative to the restore root. */
  link(index: number): TreeLink {
    return itemAt(this.trees.links, index - this.links);
  }

  /** The digest of a file's bytes, once all of `content` was read; `NO_BYTES` for a link. */
  digest(index: number): HexDigest | typeof NO_BYTES {
    const isOutput = index >= this.passing && index < this.artifacts;
    return isOutput ? this.outputs.digest(index - this.passing) : (this.#own.get(index) ?? NO_BYTES);
  }

  /** The bytes of a file that is no output, piece by piece. */
  *content(index: number): Iterable<Uint8Array> {
    const hash = createHash("sha256");
    for (const piece of this.#pieces(index)) {
      hash.update(piece);
      yield piece;
    }
    this.#own.set(index, digestToHex(hash.digest()));
  }

  #pieces(index: number): Iterable<Uint8Array> {
    if (index < this.passing) return [encodeChainManifest(this.runs.map((run) => run.runId))];
    const { name, run } = this.#artifact(index);
    if (name === RESTORE_TREE_NAME && run.tree !== undefined) return encodeRestoredTree(run.tree.placed);
    if (name === MANIFEST) return encodeRestoreManifest(run.files);
    return [encodeRestoreReport(run, this.chainRoot)];
  }

  #artifact(index: number): Artifact {
    return itemAt(this.#artifacts, index - this.artifacts);
  }
}
