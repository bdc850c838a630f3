import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groupBy } from "../../../src/core/system/bytes/group-by.ts";
import { reportOnBundle } from "../../../src/node/judge/verify/verify-bundle-files.ts";
import { judgeBundleChain } from "../../../src/node/judge/verify/verify-chain-files.ts";
import { canonical } from "../../support/bundles/bundle.ts";
import { TREE_CASE, treeOfCase, treeParams } from "../../support/bundles/tree-case.ts";
import { type BytesSpec, bytesOf, readVectors } from "../../support/bundles/vectors.ts";
import { layOutTree, removeTree, type Tree } from "../../support/files/tree.ts";
import { HAS_CHROMIUM, type OpenBrowser, openBrowser } from "../../support/page/chromium.ts";
import { ProbePage, plainVerdict, probeTree } from "../../support/page/probe-page.ts";
import { drawn } from "../../support/rings/ring.ts";

interface SignatureCase {
  readonly id?: string;
  readonly public_key: string;
  readonly message: string;
  readonly signature: string;
  readonly valid: boolean;
}

const BUNDLES = readVectors("verify_bundle");
const CHAINS = readVectors("verify_chain");
const TREES = groupBy(readVectors("tree"), ({ op }) => op);

function signatures(name: string): readonly SignatureCase[] {
  return JSON.parse(readFileSync(new URL(`../../data/${name}.json`, import.meta.url), "utf8"));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

describe.skipIf(!HAS_CHROMIUM)("the page, judging described folders (Chromium)", () => {
  let browser: OpenBrowser;
  let probe: ProbePage;
  beforeAll(async () => {
    browser = await openBrowser();
    probe = await ProbePage.open(browser);
  });
  afterAll(async () => await browser[Symbol.asyncDispose]());

  async function inTree<Value>(tree: Tree, ask: (folder: string) => Promise<Value>): Promise<Value> {
    const folder = layOutTree(tree);
    try {
      return await ask(folder);
    } finally {
      removeTree(folder);
    }
  }

  it.each(drawn(BUNDLES, 120))(
    "gives Node's verdict: $name",
    async ({ expect: expected, params, tree = {} }) => {
      const [run, root] = [String(params["run"]), String(params["project_root"])];
      const node = await inTree(tree, (folder) =>
        reportOnBundle({ bundle: join(folder, run), root: join(folder, root), untilFailure: true }),
      );
      const page = await probe.call("judgeBundle", probeTree(tree), run, root);
      expect(page).toMatchObject(plainVerdict(node.verdict));
      expect([expected.code ?? "OK", ...(expected.also ?? [])]).toContain(page.code);
      expect(page.root).toBe(expected.bundle_root);
    },
  );

  it.each(CHAINS)("gives Node's verdict: $name", async ({ expect: expected, params, tree = {} }) => {
    const [runs, root] = [params["runs"] as readonly string[], String(params["project_root"])];
    const expectedRoot = params["expected_chain_root"] as string | undefined;
    const node = await inTree(tree, (folder) =>
      judgeBundleChain({
        bundles: runs.map((run) => join(folder, run)),
        root: join(folder, root),
        ...(expectedRoot === undefined ? {} : { expectedRoot }),
      }),
    );
    const page = await probe.call("judgeChain", probeTree(tree), runs, root, expectedRoot ?? null);
    expect(page).toMatchObject(plainVerdict(node));
    expect([expected.code ?? "OK", ...(expected.also ?? [])]).toContain(page.code);
  });

  it.each(TREES.get("verify_tree") ?? [])("gives Node's verdict on a tree: $name", async (vector) => {
    const { exact, ignore, ignore_modes: ignoreModes } = treeParams(vector);
    const demand = { exact, ignore, ignoreModes };
    const tree = treeOfCase(vector);
    const { run, root } = TREE_CASE;
    const [verdict, all] = await inTree(tree, async (folder) => {
      const report = await reportOnBundle({ bundle: join(folder, run), root: join(folder, root), ...demand });
      return [
        report.verdict,
        [...report.failures()].map(({ code, details }) => [code, "path" in details ? details.path : null]),
      ];
    });
    const page = await probe.call("judgeBundle", probeTree(tree), run, root, demand);
    expect(page).toMatchObject({ ...plainVerdict(verdict), all });
  });

  it("finds the reason of each malformed tree, and none in others", async () => {
    for (const { expect: expected, name, params } of TREES.get("parse_tree") ?? []) {
      const reason = await probe.call("treeForm", base64(bytesOf(params["input"] as BytesSpec)));
      expect([name, reason]).toEqual([name, expected.reason ?? null]);
    }
  });

  it("finds the reason of each unlawful tree, and none in others", async () => {
    for (const { expect: expected, name, params } of TREES.get("check_tree") ?? []) {
      const text = base64(Buffer.from(canonical(params["tree"])));
      const [files, limit] = [
        params["files"] as readonly string[],
        params["max_entries"] as number | undefined,
      ];
      const found = await probe.call("treeLaw", text, files, limit ?? null);
      expect([name, found]).toEqual([name, expected.ok ? null : [expected.reason, expected.path ?? null]]);
    }
  });

  it.each(["ed25519-edge", "ed25519-mixed-order"])(
    "accepts the signatures that the rule accepts: %s",
    async (name) => {
      for (const { message, public_key, signature, valid } of signatures(name))
        expect([public_key, signature, await probe.call("holds", public_key, message, signature)]).toEqual([
          public_key,
          signature,
          valid,
        ]);
    },
  );
});
