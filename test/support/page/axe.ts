/** axe-core in a page: what keeps people from using it. @module */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "puppeteer-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How people look at a page. */
export const VIEWS = {
  "a desktop": {},
  "a dark desktop": { isDark: true },
  "a phone": { width: 390, height: 844 },
  "a dark phone": { width: 390, height: 844, isDark: true },
} as const;

/** Runs axe: its rules that are not met, with the elements. */
export async function axeFindings(page: Page): Promise<unknown> {
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  });
}
