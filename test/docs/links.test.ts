import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

const PAGES = ["", "docs", ".github", "test/vectors"].flatMap((folder) =>
  readdirSync(join(REPOSITORY, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

/** The text of a page without its code blocks. */
function proseOf(page: string): string {
  return readFileSync(join(REPOSITORY, page), "utf8").replaceAll(/^( *)```.*?^\1```$/gms, "");
}

/** The anchors of a page, made from its headings as GitHub makes them. */
function anchorsOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The links of a page that lead to a missing file or heading of this repository. */
function brokenLinksOf(page: string): readonly string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(REPOSITORY, file))) return true;
    return anchor !== undefined && !anchorsOf(file).includes(anchor);
  });
}

describe("the links of the pages", () => {
  it.each(PAGES)("of %s lead to files and headings that exist", (page) => {
    expect(brokenLinksOf(page)).toEqual([]);
  });
});
