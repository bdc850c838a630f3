import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HistoryScene } from "../../support/bundles/history-scene.ts";
import { Authority, reasonWithoutAuthority } from "../../support/evidence/authority.ts";
import { timestampsFile } from "../../support/evidence/timestamps.ts";
import {
  changeTrust,
  HAS_CHROMIUM,
  type OpenBrowser,
  openBrowser,
  openVerifyPage,
  textOf,
  verdictOf,
  verifyDropped,
} from "../../support/page/chromium.ts";
import { makePageProject, SIGNER_KEY } from "../../support/page/page-scene.ts";

const reason = HAS_CHROMIUM ? reasonWithoutAuthority() : "there is no Chromium";

/** The runs state that they were sealed on 25 November. The tokens are of the 26th. */
const STAMPED_AT = Date.UTC(2026, 10, 26);
const EARLIER = 'revoked="20261125"';
const LATER = 'revoked="20261127"';

describe.skipIf(reason !== undefined)(
  `the page, given runs with timestamps (Chromium)${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let authority: Authority;
    let browser: OpenBrowser;
    let page: Page;
    let project: HistoryScene;
    beforeAll(async () => {
      authority = new Authority();
      project = makePageProject(2);
      for (const run of ["run-001", "run-002"]) stamp(run, STAMPED_AT);
      browser = await openBrowser();
      await dropProject();
    });
    afterAll(async () => {
      await browser[Symbol.asyncDispose]();
      project[Symbol.dispose]();
      authority[Symbol.dispose]();
    });

    async function dropProject(): Promise<void> {
      page = await openVerifyPage(browser);
      await verifyDropped(page, project.root);
    }

    function stamp(run: string, ...moments: readonly number[]): void {
      const text = readFileSync(project.at(".runseal/runs", run, "SIGNATURE.json"), "utf8");
      const { signature } = JSON.parse(text) as { signature: string };
      const tokens = moments.map((at) => authority.forge(Buffer.from(signature, "hex"), { at }));
      writeFileSync(project.at(".runseal/runs", run, "TIMESTAMPS.json"), timestampsFile(tokens));
    }

    async function paste(text: string): Promise<void> {
      await changeTrust(page, () =>
        page.$eval(
          "#trust",
          (area, value) => {
            if (!(area instanceof HTMLTextAreaElement)) throw new TypeError("the page has no #trust");
            area.value = value;
            area.dispatchEvent(new Event("input"));
          },
          text,
        ),
      );
    }

    /** The code of the shown run by a trust file, which must be that of the command. */
    async function codeBy(text: string): Promise<string> {
      await paste(text);
      const code = await verdictOf(page);
      project.write({ "trust.lines": text });
      const facts = await project.json(["verify", "run-002", "--trust", "trust.lines"]);
      const { trust } = facts as { trust: { code: string } };
      expect(code).toBe(trust.code);
      return code;
    }

    const signer = (options = ""): string => `alice ${options} ${SIGNER_KEY}\n`;

    it("accepts a signer whose key was revoked after the time of a named authority, and shows the time", async () => {
      expect(await codeBy(signer(LATER) + authority.line("ours"))).toBe("OK");
      expect(await textOf(page, ".facts")).toContain("before 2026-11-26T00:00:00Z ±1 s, says ours (trusted)");
    });

    it("refuses a signer whose key was revoked before that time", async () => {
      expect(await codeBy(signer(EARLIER) + authority.line("ours"))).toBe("SIGNER_REVOKED");
    });

    it("refuses a revoked signer by a trust file that names no authority, and says that no token was judged", async () => {
      expect(await codeBy(signer(LATER))).toBe("SIGNER_REVOKED");
      expect(await textOf(page, ".facts")).toContain(
        "not known: no [tsa …] line, as runseal trust add NAME --tsa CERT adds it, names an authority to judge its timestamps by",
      );
    });

    it("decides about all runs of the line by their times", async () => {
      await paste(signer(EARLIER) + authority.line("ours"));
      await page.click("#verify-all");
      await page.waitForSelector("#line-verdict[data-code=SIGNER_REVOKED]");
      await paste(signer(LATER) + authority.line("ours"));
      await page.waitForSelector("#line-verdict[data-code=OK]");
    });

    it("refuses a signer who states a later time than the token", async () => {
      stamp("run-002", Date.UTC(2026, 10, 1));
      await dropProject();
      expect(await codeBy(signer() + authority.line("ours"))).toBe("TIME_CONTRADICTS");
    });

    it("accepts a trusted signer whose token is not one, and says so", async () => {
      writeFileSync(
        project.at(".runseal/runs/run-002/TIMESTAMPS.json"),
        timestampsFile([Buffer.from("a token")]),
      );
      await dropProject();
      expect(await codeBy(signer() + authority.line("ours"))).toBe("OK");
      expect(await textOf(page, ".facts")).toContain("not known: its timestamp does not hold");
    });
  },
);
