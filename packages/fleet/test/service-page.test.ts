import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeFindings, VIEWS } from "../../../test/support/page/axe.ts";
import {
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openFile,
} from "../../../test/support/page/chromium.ts";
import { Fleet } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";
import { addServant, addToken, makeAudit, RunningService } from "./support/service.ts";

/** Text that a run or a worker may bring. */
const HOSTILE = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>'&\u202egnp.exe`;

/** A folder for pictures of the pages, for a person to look at. */
const PICTURES = process.env["RUNSEAL_FLEET_PICTURES"];

const GOOD = {
  ...{
    ok: true,
    code: "OK",
    message: "accepted",
    sealed_at: "2026-11-30T20:11:05Z",
    files: 1200,
    bytes: 73_400_320,
  },
  signer: { name: "alice", fingerprint: `SHA256:${"q1w2e3r4".repeat(5)}` },
};
const BAD = {
  ...{ ok: false, code: "OUTPUT_HASH_MISMATCH", message: `the bytes of ${HOSTILE} differ` },
  signer: { fingerprint: HOSTILE },
};

describe.skipIf(!hasPostgres() || !HAS_CHROMIUM)("the page of the service (Chromium)", () => {
  let postgres: Postgres;
  let fleet: Fleet;
  let service: RunningService;
  let browser: OpenBrowser;
  let token: string;
  let ended: Awaited<ReturnType<typeof makeAudit>>;
  let running: Awaited<ReturnType<typeof makeAudit>>;
  let paths: readonly string[];
  beforeAll(async () => {
    [postgres, browser] = await Promise.all([Postgres.start(), openBrowser()]);
    fleet = await Fleet.make(postgres);
    await addServant(fleet);
    ({ token } = await addToken(fleet, "read"));
    const accepted = Array.from({ length: 120 }, (_, place) => ({
      id: `nightly-${place}`,
      code: "OK",
      verdict: GOOD,
    }));
    const open = Array.from({ length: 25 }, (_, place) => ({ id: `open-${place}` }));
    ended = await makeAudit(fleet, "registry.example/team/runs", [
      { id: HOSTILE, code: "OUTPUT_HASH_MISMATCH", verdict: BAD },
      { id: "nightly-lost", code: "WORKER_LOST" },
      ...accepted,
    ]);
    running = await makeAudit(fleet, "registry.example/team/models", [...accepted.slice(0, 40), ...open]);
    await fleet.query("INSERT INTO runseal_fleet.file VALUES ($1, $2, $3)", [
      Buffer.alloc(32, 7),
      Buffer.from(ended.digests[2] ?? "", "hex"),
      ended.audit,
    ]);
    service = await RunningService.start(fleet, "--listen", "127.0.0.1:0");
    const bad = `/audits/${ended.audit}/runs/${ended.digests[0]}`;
    paths = [
      "/",
      `/audits/${ended.audit}`,
      `/audits/${running.audit}`,
      bad,
      `/search?file=${"07".repeat(32)}`,
    ];
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await Promise.all([postgres?.[Symbol.asyncDispose](), browser?.[Symbol.asyncDispose]()]);
  });

  async function open(path: string, view: (typeof VIEWS)[keyof typeof VIEWS] = {}): Promise<Page> {
    const {
      height = 900,
      isDark = false,
      width = 1200,
    } = { ...view } as { height?: number; isDark?: boolean; width?: number };
    const page = await browser.browser.newPage();
    await page.setViewport({ width, height });
    if (isDark) await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await page.goto(`${service.listening}${path}`);
    return page;
  }

  async function submit(page: Page, selector: string): Promise<void> {
    await Promise.all([page.waitForNavigation(), page.click(selector)]);
  }

  const textOf = async (page: Page, selector: string): Promise<string> =>
    await page.$eval(selector, (element) => element.textContent ?? "");

  // It comes first: the browser keeps the cookie for the others.
  it("asks for a token, takes a valid one out of reach of scripts, and forgets it", async () => {
    const page = await open(`/audits/${ended.audit}`);
    const place = (): string => new URL(page.url()).pathname;
    expect(place()).toBe("/login");
    expect(await axeFindings(page)).toEqual([]);
    await page.type("input[name=token]", `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`);
    await submit(page, "main button");
    expect(await textOf(page, "main")).toContain("The token is not valid.");
    await page.type("input[name=token]", token);
    await submit(page, "main button");
    expect(place()).toBe("/");
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await submit(page, "nav button");
    await page.goto(`${service.listening}/`);
    expect(place()).toBe("/login");
    await page.type("input[name=token]", token);
    await submit(page, "main button");
    await page.close();
  });

  it.each(["a desktop", "a dark phone"] as const)(
    "has no findings of axe on %s, fits its width, and runs nothing of a run",
    async (name) => {
      for (const [index, path] of paths.entries()) {
        const page = await open(path, VIEWS[name]);
        if (PICTURES !== undefined)
          await page.screenshot({ path: join(PICTURES, `${name}-${index}.png`) as `${string}.png` });
        expect(await axeFindings(page), path).toEqual([]);
        const [content, width] = await page.evaluate(() => [document.body.scrollWidth, innerWidth]);
        expect(content, path).toBeLessThanOrEqual(width ?? 0);
        expect(await page.title()).not.toBe("owned");
        expect(await page.$$("main img, main script")).toHaveLength(0);
        await page.close();
      }
    },
  );

  it("shows hostile text as text, and marks that turn its direction as escapes", async () => {
    const page = await open(`/audits/${ended.audit}`);
    expect(await textOf(page, "tbody tr a")).toBe(HOSTILE.replace("\u202e", "\\u{202e}"));
    await page.close();
  });

  it("leads from an audit to its runs of one code, the rest of them, and a verdict", async () => {
    const page = await open(`/audits/${ended.audit}`);
    expect(await page.$$("tbody tr")).toHaveLength(100);
    await submit(page, "p.pages a");
    expect(await page.$$("tbody tr")).toHaveLength(22);
    await page.goto(`${service.listening}/audits/${ended.audit}?code=OUTPUT_HASH_MISMATCH`);
    await submit(page, "tbody a");
    expect(await textOf(page, "pre")).toContain('"code": "OUTPUT_HASH_MISMATCH"');
    await page.close();
  });

  it("follows an audit until it ends, and leaves the focus on its link", async () => {
    const page = await open(`/audits/${running.audit}`);
    await page.focus("tbody tr:nth-child(3) a");
    expect(await textOf(page, "svg + p")).toBe("40 accepted, 0 not accepted, 25 open, of 65 runs");
    const judge =
      "UPDATE runseal_fleet.run SET state = 'judged', code = 'OK', verdict = '{}', ended_at = now()";
    await fleet.query(`${judge} WHERE audit = $1 AND place <= 60`, [running.audit]);
    await fleet.query("UPDATE runseal_fleet.audit SET open_runs = 5 WHERE id = $1", [running.audit]);
    await page.waitForFunction(() =>
      document.querySelector("svg + p")?.textContent?.startsWith("60 accepted"),
    );
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("nightly-2");
    await fleet.query(`${judge} WHERE audit = $1 AND code IS NULL`, [running.audit]);
    await fleet.query("UPDATE runseal_fleet.audit SET open_runs = 0, ended_at = now() WHERE id = $1", [
      running.audit,
    ]);
    await page.waitForFunction(() => document.querySelector("h2 .badge")?.textContent === "accepted");
    await page.close();
  });

  it("is the report of an audit too: one file without links, requests and scripts", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fleet-report-"));
    try {
      const file = join(folder, "report.html");
      const { exitCode, stdout } = await fleet.run(["report", ended.audit, "-o", file]);
      expect([exitCode, JSON.parse(stdout)]).toMatchObject([1, { runs: 122 }]);
      const page = await openFile(browser, file, VIEWS["a dark phone"]);
      expect(await axeFindings(page)).toEqual([]);
      expect(await page.$$("tbody tr")).toHaveLength(122);
      expect(await page.$$("a, script, form, img")).toHaveLength(0);
      await page.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
