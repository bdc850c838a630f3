import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PAGE = readFileSync(fileURLToPath(new URL("../../docs/runs.md", import.meta.url)), "utf8");

describe("docs/runs.md", () => {
  it("leads with the set-ups in which the command can't sign, the weaker ones after them", () => {
    const [, first = ""] = PAGE.split(/^## /m);
    expect(first).toMatch(/^Who else can sign\n/);
    const safe = first.indexOf("| set-up | why the command can't sign |");
    const weaker = first.indexOf("The next ones are weaker");
    expect(safe).toBeGreaterThan(0);
    expect(weaker).toBeGreaterThan(safe);
    expect(first.slice(weaker)).toContain("A key file without a passphrase");
  });
});
