import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../support/bundles/bundle.ts";
import { makeProject } from "../../support/command/cli.ts";

const PAGE = readFileSync(new URL("../../../dist/page/verify.html", import.meta.url));

describe("export --format page", () => {
  it("writes the page of the package into a new file, and reports its digest", async () => {
    using project = makeProject({});
    const { stdout } = await project.done(["export", "--format", "page", "-o", "verify.html"]);
    expect(readFileSync(project.at("verify.html")).equals(PAGE)).toBe(true);
    expect(stdout).toContain(`sha256   ${sha256(PAGE)}\n`);
    expect(await project.json(["export", "--format", "page", "-o", "other.html"])).toMatchObject({
      ok: true,
      folder: null,
      files: [{ name: "other.html", bytes: PAGE.length, sha256: sha256(PAGE) }],
    });
  });

  it("prints the page to stdout, and with --json only its facts", async () => {
    using project = makeProject({});
    expect((await project.done(["export", "--format", "page", "-o", "-"])).stdout).toBe(PAGE.toString());
    expect(await project.json(["export", "--format", "page", "-o", "-"])).toMatchObject({
      files: [{ name: "-", sha256: sha256(PAGE) }],
    });
  });

  it("is one file that loads nothing, whose policy names its one script and its one style", () => {
    const html = PAGE.toString();
    expect(html).toMatch(
      /content="default-src 'none'; script-src 'sha256-[^']+' 'wasm-unsafe-eval'; style-src 'sha256-[^']+'; worker-src blob:;/,
    );
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<style/g)).toHaveLength(1);
    expect(html).not.toMatch(/<[^>]+ (?:src|href|style|on[a-z]+)=/);
  });
});
