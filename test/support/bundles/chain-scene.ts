/**
 * A chain of sealed bundles on a disk, each bound to the one before it, and folders to restore it into.
 *
 * @module
 */

import { join } from "node:path";
import type { RestoreChainRequest } from "../../../src/node/back/restore/restore-bundle.ts";
import type { RestoreOutcome } from "../../../src/node/back/restore/target/restore-outcome.ts";
import type { FileSystem } from "../../../src/node/system/files/file-system.ts";
import { restoreChain } from "../faults/restore-acts.ts";
import { ANY_SIGNER, Scene } from "../faults/restore-scene.ts";
import { type BundleRecipe, canonical, sealBundle, sha256, writeBundle } from "./bundle.ts";

/** What the runs of a chain put out, by run id. They share a project root, so no path occurs twice. */
export type ChainOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Three runs. */
export const CHAIN: ChainOutputs = {
  "run-001": { "fetch/a.txt": "alpha\n", "fetch/deep/b.txt": "beta\n" },
  "run-002": { "build/c.txt": "gamma\n" },
  "run-003": { "d.txt": "", "test/e.txt": "epsilon\n" },
};

/** A scene with a chain beside the one bundle: `files/` is the project root of both. */
export class ChainScene extends Scene {
  /** Run directories in order. */
  readonly bundles: readonly string[];
  readonly bundleRoots: readonly string[];
  readonly chainRoot: string;

  /** `recipeOf` may make one run other than the rest. */
  constructor(chain: ChainOutputs = CHAIN, recipeOf: (runId: string) => BundleRecipe = () => ({})) {
    super();
    const bundles: string[] = [];
    const bundleRoots: string[] = [];
    for (const [runId, outputs] of Object.entries(chain)) {
      const previousBundleRoot = bundleRoots.at(-1);
      const link = previousBundleRoot === undefined ? {} : { previousBundleRoot };
      const bundle = sealBundle({ bind: true, runId, outputs, ...link, ...recipeOf(runId) });
      bundles.push(writeBundle(this.folder, bundle).bundle);
      bundleRoots.push(bundle.bundleRoot);
    }
    this.bundles = bundles;
    this.bundleRoots = bundleRoots;
    this.chainRoot = sha256(canonical({ bundle_roots: bundleRoots, run_ids: Object.keys(chain) }));
  }

  /** Restores the chain into a target. */
  restoreChain(
    target: string,
    fs?: FileSystem,
    over: Partial<RestoreChainRequest> = {},
  ): Promise<RestoreOutcome> {
    const request = { bundles: this.bundles, root: join(this.folder, "files"), trust: ANY_SIGNER };
    return restoreChain({ ...request, target, ...over }, fs);
  }
}
