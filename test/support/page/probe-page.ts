/** Puts the probe (page-probe.ts) into a page. @module */

import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { rolldown } from "rolldown";
import { bytesOf, type TreeEntry } from "../bundles/vectors.ts";
import type { Tree } from "../files/tree.ts";
import { type OpenBrowser, openVerifyPage } from "./chromium.ts";
import type { Probe, ProbeEntry, ProbeTree, ProbeVerdict } from "./page-probe.ts";

/** The probe, as a test calls it. */
export class ProbePage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Opens the page and puts the probe into it. */
  static async open(browser: OpenBrowser): Promise<ProbePage> {
    const build = await rolldown({
      input: fileURLToPath(new URL("./page-probe.ts", import.meta.url)),
      platform: "browser",
      tsconfig: false,
    });
    const { output } = await build.generate({ format: "iife" });
    await build.close();
    const page = await openVerifyPage(browser);
    await page.evaluate(output[0].code);
    return new ProbePage(page);
  }

  /** Calls a function of the probe. */
  async call<Name extends keyof Probe>(name: Name, ...given: Parameters<Probe[Name]>): Promise<Result<Name>> {
    const answer: unknown = await this.#page.evaluate(
      (called: string, args: string) => {
        const functions = (
          globalThis as unknown as { probe: Record<string, (...args: unknown[]) => unknown> }
        ).probe;
        return functions[called]?.(...JSON.parse(args));
      },
      name,
      JSON.stringify(given),
    );
    return answer as Result<Name>;
  }
}

type Result<Name extends keyof Probe> = Awaited<ReturnType<Probe[Name]>>;

/** A tree as a vector describes it. Modes are those that a vector gives, else what a umask of 022 leaves. */
export function probeTree(tree: Tree): ProbeTree {
  return Object.entries(tree).map(([path, entry]) => [path, probeEntry(entry)] as const);
}

function probeEntry(entry: TreeEntry): ProbeEntry {
  const mode = (usual: number): number => (entry.mode === undefined ? usual : Number.parseInt(entry.mode, 8));
  if ("dir" in entry) return { kind: "folder", mode: mode(0o755) };
  if ("fifo" in entry) return { kind: "fifo" };
  if ("symlink" in entry) return { kind: "link", target: entry.symlink.replaceAll("{ROOT}", "/case") };
  return { kind: "file", base64: Buffer.from(bytesOf(entry)).toString("base64"), mode: mode(0o644) };
}

/** What a verdict of Node says, in the same words. */
export function plainVerdict(verdict: {
  readonly ok: boolean;
  readonly code?: string;
  readonly phase?: string;
  readonly message?: string;
  readonly details?: object;
}): ProbeVerdict {
  const { code = "OK", details, message, ok, phase } = verdict;
  return JSON.parse(JSON.stringify({ ok, code, phase, message, details }));
}
