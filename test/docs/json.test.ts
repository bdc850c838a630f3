import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const PAGE = fileURLToPath(new URL("../../docs/json.md", import.meta.url));

/** What the build makes of the definitions of the results. */
const MADE = fileURLToPath(new URL("../../dist/results.md", import.meta.url));

describe("the lists of members in docs/json.md", () => {
  /** After a definition changed: `npm run build`, then `npx vitest run test/docs/json.test.ts -u` writes the page. */
  it("are those of the definitions from which the schemas are made", async () => {
    const page = readFileSync(PAGE, "utf8");
    const intro = page.slice(0, page.indexOf("## Every result"));
    await expect(intro + readFileSync(MADE, "utf8")).toMatchFileSnapshot(PAGE);
  });
});
