/** Projects on a disk, to be dropped on the page. @module */

import { type BundleRecipe, FIRST_SEED, testSigner } from "../bundles/bundle.ts";
import { HistoryScene } from "../bundles/history-scene.ts";

/** The public key of the test signer, as people hand it around. */
export const SIGNER_KEY: string = `runseal-ed25519 ${testSigner(FIRST_SEED).publicKeyHex}`;

/** A project whose line has so many runs, `run-001` and so on. All have the same outputs unless the recipe says otherwise. */
export function makePageProject(count = 1, recipe: BundleRecipe = {}): HistoryScene {
  const scene = new HistoryScene();
  for (let number = 1; number <= count; number++)
    scene.seal(`run-${String(number).padStart(3, "0")}`, recipe);
  return scene;
}
