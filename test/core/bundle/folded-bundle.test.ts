import { describe, expect, it } from "vitest";
import {
  type AwaitedBundle,
  awaitOutputs,
  beginConclusion,
  judgeHere,
  type VerifiedBundle,
} from "../../../src/core/bundle/judge.ts";
import { VERIFY } from "../../../src/core/bundle/orders.ts";
import type { OutputFindings } from "../../../src/core/bundle/phases/findings.ts";
import { MOST_SHELVED_BYTES, Shelf } from "../../../src/core/bundle/shelf.ts";
import { concludeChain, isDropped } from "../../../src/core/bundle/verify-chain.ts";
import { nodeCrypto } from "../../../src/node/runtime/node-crypto.ts";
import {
  type BundleRecipe,
  findingsOf,
  openedOf,
  sealBundle,
  type TestBundle,
} from "../../support/bundles/bundle.ts";
import { context } from "../../support/bundles/judge.ts";
import { SMALL_TREE, sealTreeBundle } from "../../support/bundles/tree-bundle.ts";

type Bundle = TestBundle & { readonly tree?: Buffer };
type Begun = ReturnType<typeof beginConclusion> | ReturnType<AwaitedBundle["conclude"]>;

/** The end of a bundle whose tree is as it was sealed. */
function ended(begun: Begun, { tree }: Bundle): VerifiedBundle {
  if (!begun.ok) throw new Error(begun.code);
  const { end, readTree } = begun.value;
  const read = tree === undefined ? undefined : readTree?.({ kind: "bytes", bytes: tree });
  const verdict = read === undefined ? end() : end({ tree: read, failure: undefined });
  if (!verdict.ok) throw new Error(verdict.code);
  if (isDropped(verdict.value)) throw new Error("no bytes were dropped");
  return verdict.value;
}

function judgedOf(bundle: Bundle) {
  const judged = judgeHere({ ...openedOf(bundle), hasTree: bundle.tree !== undefined }, context, VERIFY);
  if (!judged.ok) throw new Error(judged.code);
  return judged.value;
}

/** A bundle as it was parsed; concluded on a shelf; and waiting on one before. */
function allWays(bundle: Bundle, shelf: Shelf): readonly [VerifiedBundle, VerifiedBundle, VerifiedBundle] {
  const judged = judgedOf(bundle);
  const findings = findingsOf(bundle);
  const awaited = awaitOutputs(judged, context, shelf);
  if (!awaited.ok) throw new Error(awaited.code);
  return [
    ended(beginConclusion(judged, findings, context), bundle),
    ended(beginConclusion(judged, findings, context, shelf), bundle),
    ended(awaited.value.conclude(findings), bundle),
  ];
}

/** All that can be asked of a bundle, listings as arrays. */
function factsOf(bundle: VerifiedBundle): object {
  const { binding, bundleRoot, bytes, countersignatures, outputHashes, runId, signer, taskSpec, tree } =
    bundle;
  const lists = tree && {
    files: [...tree.files],
    links: [[...tree.links.paths], [...tree.links.values]],
    emptyFolders: [...tree.emptyFolders],
    modes: [...tree.modes, ...tree.folderModes].map(({ mode, paths }) => [mode, [...paths]]),
    rows: tree.rows,
  };
  const documents = { taskSpec: [...taskSpec], outputHashes: [...outputHashes].map(String) };
  const outputs = [...bundle.outputs];
  return { binding, bundleRoot, bytes, countersignatures, runId, signer, ...documents, outputs, lists };
}

const LONG: BundleRecipe = { bind: true, taskSpec: { note: "n".repeat(MOST_SHELVED_BYTES) } };

const BUNDLES: readonly (readonly [string, Bundle])[] = [
  ["with a binding", sealBundle({ bind: true, runId: "run-002", previousBundleRoot: "a".repeat(64) })],
  ["without one", sealBundle({})],
  ["without outputs", sealBundle({ bind: true, outputs: {} })],
  [
    "with names that need escapes",
    sealBundle({ bind: true, outputs: { 'a"b': "1", "\u{1f600}": "2", "\uffee": "3" } }),
  ],
  ["with a tree", sealTreeBundle(SMALL_TREE)],
  ["with a task that is too long for a shelf", sealBundle(LONG)],
  [
    "with a tree that is too long for a shelf",
    sealTreeBundle({
      emptyFolders: Array.from({ length: MOST_SHELVED_BYTES / 16 }, (_, n) => `an-empty-folder-${n}`),
    }),
  ],
];

describe("a bundle whose documents are on a shelf", () => {
  it.each(BUNDLES)("says what it says as it was parsed: a bundle %s", (_what, bundle) => {
    const [parsed, folded, waited] = allWays(bundle, new Shelf(context));
    expect(factsOf(folded)).toEqual(factsOf(parsed));
    expect(factsOf(waited)).toEqual(factsOf(parsed));
    expect([folded.outputs.length, waited.outputs.length]).toEqual([
      parsed.outputs.length,
      parsed.outputs.length,
    ]);
  });

  it("says so among many others, and says it again", () => {
    const shelf = new Shelf(context);
    const bundles = Array.from({ length: 1500 }, (_, number) => BUNDLES[number % 5]?.[1] ?? sealBundle({}));
    const all = bundles.map((bundle) => allWays(bundle, shelf));
    for (const times of [1, 2]) {
      for (const [parsed, folded, waited] of all.slice(-10 * times)) {
        expect(factsOf(folded)).toEqual(factsOf(parsed));
        expect(factsOf(waited)).toEqual(factsOf(parsed));
      }
    }
  });

  it("is rejected for its outputs where it waits on the shelf, as it is elsewhere", () => {
    const bundle = sealBundle({ bind: true });
    const found = findingsOf(bundle);
    const awaited = awaitOutputs(judgedOf(bundle), context, new Shelf(context));
    if (!awaited.ok) throw new Error(awaited.code);
    const others: readonly OutputFindings[] = [
      [{ kind: "missing" }, found.at(1)],
      [found.at(1), found.at(1)],
      [],
    ];
    for (const findings of others) {
      const inOrder = beginConclusion(judgedOf(bundle), findings, context);
      expect(inOrder.ok).toBe(false);
      expect(awaited.value.conclude(findings)).toEqual(inOrder);
    }
  });

  it("has the notes of a chain that it has as it was parsed", () => {
    const recipes: readonly BundleRecipe[] = [
      { outputs: { "out/a": "a" }, taskSpec: { inputs: ["out/a", "never"] } },
      {
        outputs: { "out/b": "b" },
        taskSpec: { inputs: ["out/a", "out/b"] },
        outputHashes: { validator_semver: "9.9.9" },
      },
      { outputs: { "out/c": "c" }, taskSpec: { inputs: ["out/b"] } },
    ];
    const shelf = new Shelf(context);
    const all = recipes.map((recipe, number) =>
      allWays(sealBundle({ ...recipe, runId: `run-${number}` }), shelf),
    );
    const notesOf = (way: 0 | 1 | 2) => {
      const chain = concludeChain(
        all.map((ways) => ways[way]),
        undefined,
        nodeCrypto,
      );
      return chain.ok ? chain.value.notes : chain;
    };
    const expected = [
      { code: "INVALID_CHAIN_REFERENCE", run_id: "run-0", subject: "out/a" },
      { code: "INVALID_CHAIN_REFERENCE", run_id: "run-0", subject: "never" },
      { code: "INVALID_CHAIN_REFERENCE", run_id: "run-1", subject: "out/b" },
      { code: "VALIDATOR_UNSUPPORTED", run_id: "run-1", subject: "9.9.9" },
    ];
    expect(notesOf(0)).toEqual(expected);
    expect(notesOf(1)).toEqual(expected);
    expect(notesOf(2)).toEqual(expected);
  });
});
