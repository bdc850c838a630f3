import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../../../src/core/system/bytes/limits.ts";
import {
  judgeBundle,
  reportOnBundle,
  type VerifyRequest,
} from "../../../../src/node/judge/verify/verify-bundle-files.ts";
import { Interruption } from "../../../../src/node/system/runtime/interruption.ts";
import { sealBundle, type TestBundle, writeBundle } from "../../../support/bundles/bundle.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";

/** Writes a bundle to a fresh folder, lets a test arrange things there, and gives what the test makes of it. */
async function withBundle<Value>(
  bundle: TestBundle,
  work: (request: VerifyRequest, folder: string) => Promise<Value>,
): Promise<Value> {
  const folder = makeFolder();
  try {
    return await work(writeBundle(folder, bundle), folder);
  } finally {
    removeTree(folder);
  }
}

describe("an output behind a link (PROTOCOL 8, phase 9)", () => {
  /** A bundle that names `link` and `real/a.txt`, both with the same content. */
  const bundle = sealBundle({ outputs: { "real/a.txt": "alpha\n", link: "alpha\n" } });

  async function codeBehind(arrange: (folder: string) => string): Promise<string> {
    return withBundle(bundle, async (request, folder) => {
      const link = join(folder, "files", "link");
      removeTree(link);
      symlinkSync(arrange(folder), link);
      const verdict = await judgeBundle(request);
      return verdict.ok ? "OK" : verdict.code;
    });
  }

  it.each([
    "real/a.txt",
    "./real//a.txt",
    "real/../real/a.txt",
    "../files/real/a.txt",
    "../outside/../files/real/a.txt",
  ])("is found where the link says %j and stays below the root", async (target) => {
    expect(await codeBehind(() => target)).toBe("OK");
  });

  it("is found where an absolute link leads below the root", async () => {
    expect(await codeBehind((folder) => join(folder, "files/real/a.txt"))).toBe("OK");
  });

  it.each(["real/a.txt/", "real/a.txt/.", "real/a.txt/..", "real", ".", "/", "real/none", "link"])(
    "is missing where the link says %j, which is not a file",
    async (target) => {
      expect(await codeBehind(() => target)).toBe("OUTPUT_MISSING");
    },
  );

  it.each([
    ["by name", "../outside/secret"],
    ["through a link outside that leads back", "../outside/back/real/a.txt"],
  ])("is missing where the link leads out of the root %s", async (_how, target) => {
    const code = await codeBehind((folder) => {
      mkdirSync(join(folder, "outside"));
      writeFileSync(join(folder, "outside/secret"), "alpha\n");
      symlinkSync("../files", join(folder, "outside/back"));
      return target;
    });
    expect(code).toBe("OUTPUT_MISSING");
  });

  it.each([
    [40, "OK"],
    [41, "OUTPUT_MISSING"],
  ])("behind %i links in a row is %s, as for Linux itself", async (links, code) => {
    expect(await codeBehind((folder) => chainOfLinks(folder, links - 1, "real/a.txt"))).toBe(code);
  });
});

/** Makes links in `files` that lead through each other to a target; gives the name of the first. */
function chainOfLinks(folder: string, count: number, target: string): string {
  let next = target;
  for (let number = 1; number <= count; number++) {
    symlinkSync(next, join(folder, "files", `link-${number}`));
    next = `link-${number}`;
  }
  return next;
}

describe("many outputs", () => {
  const names = Array.from({ length: 1100 }, (_none, index) => `${index % 7}/${index}.txt`).sort();
  const bundle = sealBundle({ bind: true, outputs: Object.fromEntries(names.map((name) => [name, name])) });

  it("are verified with the help of worker threads", async () => {
    const verdict = await withBundle(bundle, judgeBundle);
    expect(verdict.ok && Array.from(verdict.value.outputs, ({ path }) => path)).toEqual(names);
  });

  it("are reported one by one where they changed, in the order of the document", async () => {
    const changed = names.filter((_name, index) => index % 100 === 99);
    const reported = await withBundle(bundle, async (request) => {
      for (const name of changed) writeFileSync(join(request.root, name), "changed");
      return Array.from(
        (await reportOnBundle(request)).failures(),
        ({ details }) => "path" in details && details.path,
      );
    });
    expect(reported).toEqual(changed);
  });

  it("are left alone when the caller's signal has fired", async () => {
    const signal = AbortSignal.abort();
    const verdict = withBundle(bundle, (request) => judgeBundle({ ...request, signal }));
    await expect(verdict).rejects.toThrow(Interruption);
  });
});

describe("limits (PROTOCOL 15)", () => {
  const bundle = sealBundle({ bind: true });

  it.each([
    ["an artifact of 10 bytes", { artifactBytes: 10 }, "TASK_SPEC.json", "10 bytes"],
    ["OUTPUT_HASHES.json of 10 bytes", { manifestBytes: 10 }, "OUTPUT_HASHES.json", "10 bytes"],
    ["one entry", { entries: 1 }, "OUTPUT_HASHES.json", "1 entries"],
  ])(
    "of %s makes a larger one malformed, and the message names it",
    async (_what, lower, artifact, words) => {
      const limits = { ...DEFAULT_LIMITS, ...lower };
      const verdict = await withBundle(bundle, (request) => judgeBundle({ ...request, limits }));
      expect(verdict).toMatchObject({ code: "ARTIFACT_MALFORMED", details: { artifact } });
      expect(verdict).toHaveProperty("message", expect.stringContaining(words));
    },
  );
});

describe("the project root", () => {
  it("need not be there where there are none", async () => {
    const verdict = await withBundle(sealBundle({ outputs: {} }), (request) =>
      judgeBundle({ ...request, root: join(request.root, "none") }),
    );
    expect(verdict.ok).toBe(true);
  });
});
