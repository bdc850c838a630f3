/**
 * Bundles laid into a project by hand: a line of linked runs with a HEAD, and what an attacker makes of it. Made
 * from the words of PROTOCOL.md, so that no sealing is needed.
 *
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Project } from "../command/cli.ts";
import {
  type BundleRecipe,
  canonical,
  FIRST_SEED,
  sealBundle,
  sha256,
  type TestBundle,
  testSigner,
} from "./bundle.ts";

/** A project with bundles of the first test seed, and nothing that was sealed by the program. */
export class HistoryScene extends Project {
  /** The bundles of the line, oldest first. */
  readonly line: TestBundle[] = [];

  /** Seals one more run behind the last, and lets HEAD name it. Its outputs stand below the root. */
  seal(runId: string, recipe: BundleRecipe = {}): TestBundle {
    const bundle = linked(runId, this.line.at(-1), recipe);
    this.put(bundle);
    this.line.push(bundle);
    this.setHead(bundle);
    return bundle;
  }

  /** Lays a bundle into the project, in a folder of its own name or of another. */
  put(bundle: TestBundle, folder: string = bundle.runId): void {
    this.write(
      Object.fromEntries(
        Object.entries(bundle.artifacts).map(([name, bytes]) => [`.runseal/runs/${folder}/${name}`, bytes]),
      ),
    );
    this.write(bundle.outputs);
  }

  /** Takes a bundle out. */
  drop(runId: string): void {
    rmSync(this.at(".runseal/runs", runId), { recursive: true });
  }

  /** Writes HEAD. */
  setHead(bundle: TestBundle): void {
    mkdirSync(dirname(this.at(".runseal/HEAD")), { recursive: true });
    writeFileSync(this.at(".runseal/HEAD"), headText(bundle));
  }

  /** Lets the user's machine remember a head of this project. */
  remember(bundle: TestBundle): void {
    this.putState(headText(bundle));
  }

  /** Puts any text in the place of what is remembered. */
  putState(text: string): void {
    const heads = join(this.env["HOME"] ?? "", ".local/state/runseal/heads");
    mkdirSync(heads, { recursive: true });
    writeFileSync(join(heads, `${sha256(this.root)}.json`), text);
  }

  /** Lets the line begin at a bundle, and takes out those before it. `over`: other members of CUT.json. */
  cutAt(bundle: TestBundle, over: Readonly<Record<string, unknown>> = {}, seed: string = FIRST_SEED): void {
    const at = this.line.indexOf(bundle);
    for (const { runId } of this.line.slice(0, at)) this.drop(runId);
    const cut = cutText({ bundle_root: bundle.bundleRoot, forgotten: at, ...over }, seed);
    writeFileSync(this.at(".runseal/CUT.json"), cut);
  }

  /** Writes what a seal does that is about to move HEAD to a bundle. */
  announce(bundle: TestBundle): void {
    writeFileSync(this.at(".runseal/pending"), headText(bundle));
  }
}

/** What CUT.json holds that the signer of a seed made. `over`: its root, and other members. */
export function cutText(
  over: Readonly<Record<string, unknown>> & { readonly bundle_root: string },
  seed: string,
): string {
  const signer = testSigner(seed);
  const members = {
    cut_at: "2026-11-26T01:02:03Z",
    failed_runs: [],
    forgotten: 1,
    public_key: signer.publicKeyHex,
    version: 1,
    ...over,
  };
  const signature = signer.sign(Buffer.from(`RUNSEAL-CUT-v1:${canonical(members)}`));
  return `${canonical({ ...members, signature })}\n`;
}

/** What HEAD holds when it names a bundle. */
export function headText(bundle: TestBundle): string {
  const { bundleRoot, runId } = bundle;
  return `${canonical({ bundle_root: bundleRoot, proof_hash: proofHashOf(bundle), run_id: runId, version: 1 })}\n`;
}

/** A bundle that names another one before it, in both ways. */
export function linked(runId: string, before: TestBundle | undefined, recipe: BundleRecipe = {}): TestBundle {
  const unhashed = {
    restoration_result: { condition: "RESTORED_IDENTICAL", verified: true },
    ...(before === undefined ? {} : { previous_proof_hash: proofHashOf(before) }),
    ...recipe.proof,
    run_id: runId,
  };
  const proof = { ...unhashed, proof_hash: sha256(canonical(unhashed)) };
  const link = before === undefined ? {} : { previousBundleRoot: before.bundleRoot };
  return sealBundle({ bind: true, ...link, ...recipe, runId, proof });
}

/** The hash that a bundle's proof declares. */
export function proofHashOf(bundle: TestBundle): string {
  const proof = JSON.parse(bundle.artifacts["PROOF.json"].toString("utf8")) as { proof_hash: string };
  return proof.proof_hash;
}

/** A project with a line of three runs, each with a file of its own. */
export function sceneOfThree(): HistoryScene {
  const scene = new HistoryScene();
  for (const name of ["one", "two", "three"]) scene.seal(name, { outputs: { [`${name}.txt`]: `${name}\n` } });
  return scene;
}
