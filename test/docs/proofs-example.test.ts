import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkFileProof } from "../../src/core/make/proof/check-file-proof.ts";
import { parseFileProof } from "../../src/core/make/proof/file-proof.ts";
import { nodeCrypto } from "../../src/node/system/runtime/node-crypto.ts";

const page = readFileSync(new URL("../../docs/proofs.md", import.meta.url), "utf8");

/** The text of the page's only block of a language that holds a word. */
function block(language: string, word: string): string {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"));
  return [...blocks].map(([, text = ""]) => text).find((text) => text.includes(word)) ?? "";
}

describe("the example of docs/proofs.md", () => {
  it("is a proof that is accepted", () => {
    const parsed = parseFileProof(Buffer.from(block("json", "outputs_root")));
    if (!parsed.ok) throw new Error(parsed.code);
    expect(checkFileProof(parsed.value, nodeCrypto)).toMatchObject({
      ok: true,
      value: { files: [{ path: "dist/app.js" }], statement: { runId: "build-42" } },
    });
  });

  it("is recomputed by the commands behind it", () => {
    const script = block("sh", "sha256sum");
    const [, root = ""] = /^# ([0-9a-f]{64})$/m.exec(script) ?? [];
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(`${root}\n`);
    expect(block("json", "outputs_root")).toContain(`"outputs_root": "${root}"`);
  });
});
