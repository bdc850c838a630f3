import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ALL_CODES, exitCodeOf, reasonsOf, wordsOf } from "../../src/cli/codes/all-codes.ts";

const path = fileURLToPath(new URL("../../docs/codes.md", import.meta.url));
const page = readFileSync(path, "utf8");
const HEAD = "| --- | --- | --- | --- |\n";

/** After a record changed: `npx vitest run test/docs/codes.test.ts -u` writes the page. */
it("docs/codes.md has a row for each code, made from its record", async () => {
  const intro = page.slice(0, page.indexOf(HEAD));
  const rows = ALL_CODES.map((code) => {
    const { meaning, remedy } = wordsOf(code);
    const reasons = reasonsOf(code).map((one) => `\`${one.reason}\`: ${one.meaning} ${one.remedy}`.trim());
    const cases = reasons.length === 0 ? "" : `<br>${reasons.join("<br>")}`;
    return `| \`${code}\` | ${exitCodeOf(code)} | ${meaning}${cases} | ${remedy} |\n`;
  });
  await expect(`${intro}${HEAD}${rows.join("")}`).toMatchFileSnapshot(path);
});
