import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VerifiedChain } from "../../src/core/judge/bundle/verify-chain.ts";
import { ARTIFACT_NAMES } from "../../src/core/system/paths/artifact-name.ts";
import { judgeBundleChain } from "../../src/node/judge/verify/verify-chain-files.ts";

const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

/** A value of the example, from its line `name  hex`. */
function value(name: string): string {
  return new RegExp(`^${name} +([0-9a-f]+)$`, "m").exec(page)?.[1] ?? "";
}

/** The text of the fenced block that stands behind the file's name. */
function artifact(name: string): string {
  return (
    new RegExp(`^\`${name.replace(".", "\\.")}\`:\\s*\\n+\`\`\`[a-z]*\\n(.*)\\n\`\`\``, "m").exec(
      page,
    )?.[1] ?? ""
  );
}

describe("the worked example of docs/protocol.md", () => {
  let folder: string;
  let chain: VerifiedChain;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "runseal-example-"));
    mkdirSync(join(folder, "run-001"));
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "out/result.txt"), "alpha\n");
    for (const name of ARTIFACT_NAMES) writeFileSync(join(folder, "run-001", name), artifact(name));
    const verdict = await judgeBundleChain({ bundles: [join(folder, "run-001")], root: folder });
    if (!verdict.ok) throw new Error(`the example was rejected: ${verdict.code}`);
    chain = verdict.value;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is a bundle that verifies", () => {
    expect(chain.bundles).toHaveLength(1);
  });

  it("names the bundle root and the chain root that runseal computes", () => {
    expect(value("bundle_root")).toBe(chain.bundles[0]?.bundleRoot);
    expect(value("chain_root")).toBe(chain.chainRoot);
  });

  it("names the signer's key and id", () => {
    expect(value("public_key")).toBe(chain.bundles[0]?.signer.publicKeyHex);
    expect(value("validator_id")).toBe(chain.bundles[0]?.signer.validatorId);
  });

  it("shows the signature that is in its SIGNATURE.json", () => {
    expect(value("signature")).toMatch(/^[0-9a-f]{128}$/);
    expect(artifact("SIGNATURE.json")).toContain(value("signature"));
  });
});
