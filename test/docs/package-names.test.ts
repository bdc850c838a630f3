import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What people read, copy or run. */
const PLACES = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "action.yml"],
  ...["action", "build", "demo", "docs", "packages", "schemas", "src", "templates", ".github"],
];

/** `runseal` as npm's registry understands it: not a path, a folder or an address. */
const REGISTRY_NAME = String.raw`["']?runseal(?![\w./-])`;

/** Lines by which npm and its like fetch a package of that name. Flags and other packages may stand before it. */
const FETCHES = [
  new RegExp(String.raw`\b(?:npx|bunx|pnpx|dlx)\s(?:[^|;&]*\s)?${REGISTRY_NAME}`),
  new RegExp(
    String.raw`\b(?:npm|pnpm|yarn|bun)\s(?:[^|;&]*\s)?(?:install|i|add|exec|x|pack|view)\s(?:[^|;&]*\s)?${REGISTRY_NAME}`,
  ),
  /(?<![\w/])runseal@(?:[\d^~*<>=]|latest|next)/,
  /\b(?:package|default)["']?:\s*["']?runseal["']?\s*$/,
];

function fetching(text: string): readonly string[] {
  return text.split("\n").filter((line) => FETCHES.some((pattern) => pattern.test(line)));
}

function* files(place: string): Generator<string> {
  if (place.includes(".") && !place.startsWith(".")) return yield place;
  for (const entry of readdirSync(join(root, place), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) yield join(entry.parentPath, entry.name).slice(root.length);
}

describe("a package of npm", () => {
  it("is never named as runseal: anyone can take that name, and would get the keys", () => {
    const named = PLACES.flatMap((place) => [...files(place)]).flatMap((path) =>
      fetching(readFileSync(join(root, path), "utf8")).map((line) => `${path}: ${line.trim()}`),
    );
    expect(named).toEqual([]);
  });

  it.each([
    'run: npx runseal sign "$X" --key fd:3',
    "npx --yes runseal@0.1.0 verify",
    "npm install --global --ignore-scripts runseal",
    "npm i runseal",
    "pnpm dlx runseal verify",
    "  default: runseal@0.1.0",
    "package: runseal@latest",
    "package: runseal",
  ])("is found in: %s", (line) => {
    expect(fetching(line)).toEqual([line]);
  });

  it.each([
    'npm ci && npm install --global "./$(npm pack --silent)"',
    "npm install --global ./runseal-0.1.0.tgz",
    "- uses: OWNER/runseal@v1",
    "- component: $CI_SERVER_FQDN/OWNER/runseal/runseal@1.0.0",
    "npm ci && runseal verify",
  ])("is not found in: %s", (line) => {
    expect(fetching(line)).toEqual([]);
  });
});
