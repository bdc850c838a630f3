import { afterAll, describe, expect, it } from "vitest";
import { secretMemory } from "../../../src/node/keys/secret-bytes.ts";
import { makeProject } from "../../support/command/cli.ts";
import {
  CONTROL,
  FROM_ENVIRONMENT,
  OPEN,
  ROUTES,
  type Route,
  WITHOUT_LIBSODIUM,
} from "../../support/command/key-routes.ts";
import { type Copy, canScan } from "../../support/command/memory-scan.ts";
import { scanAfter } from "../../support/command/stopped-process.ts";
import { drawn } from "../../support/rings/ring.ts";

const NAME_WIDTH = 52;
const rows: string[] = [];

/** Runs a route, looks at the process where it stands still, and adds its line to the table. */
async function copiesAfter({ name, arrange }: Route): Promise<readonly Copy[]> {
  using project = makeProject();
  const { signing, traces, tidy } = await arrange(project);
  try {
    const env = { ...project.env, ...signing.env };
    const copies = await scanAfter({ ...signing, cwd: project.root, env }, traces);
    rows.push(`${name.padEnd(NAME_WIDTH)} ${countOf(copies, true).padEnd(20)} ${countOf(copies, false)}`);
    return copies;
  } finally {
    await tidy?.();
  }
}

/** Which traces were found how often. Halves that are part of a whole are not told apart from it. */
function countOf(copies: readonly Copy[], locked: boolean): string {
  const counts = new Map<string, number>();
  for (const copy of copies) {
    if (copy.locked === locked) counts.set(copy.trace, (counts.get(copy.trace) ?? 0) + 1);
  }
  const wholes = [...counts].filter(([trace]) => !counts.has(trace.replace(/, (?:first|second) half$/, "")));
  const shown = [...counts].filter(([trace]) => !trace.endsWith(" half")).concat(wholes);
  return [...new Map(shown)].map(([trace, count]) => `${trace} ${count}`).join(", ") || "none";
}

/** Why a route can't be judged here, or is promised less. */
function reasonToSkip({ missing }: Route): string | undefined {
  if (process.platform !== "linux") return "only Linux shows the memory of another process as a file";
  if (!canScan()) return "/proc/PID/mem can't be read here";
  if (missing !== undefined) return `there is no ${missing}`;
  if (secretMemory() === "guarded") return undefined;
  return "sodium-native does not load here, and the promise is weaker: OpenSSL may leave a copy of the seed";
}

/** Not passed where it can't be: said. */
const scan = (what: string, route: Route, judge: (copies: readonly Copy[]) => void): void => {
  it(what, async ({ skip }) => {
    const reason = reasonToSkip(route);
    if (reason !== undefined) {
      rows.push(`${route.name.padEnd(NAME_WIDTH)} not judged: ${reason}`);
      skip(reason);
    }
    judge(await copiesAfter(route));
  });
};

describe("memory after signing (PROTOCOL 14, H-01 and H-07)", () => {
  afterAll(() => {
    const head = `${"copies found, by route".padEnd(NAME_WIDTH)} ${"in locked memory".padEnd(20)} elsewhere`;
    console.log(`${head}\n${rows.join("\n")}`);
  });

  scan("holds a key that is kept in a KeyObject: the control", CONTROL, (copies) => {
    expect(copies.filter(({ trace }) => trace === "seed").length).toBeGreaterThan(0);
  });

  for (const route of drawn(ROUTES, 3)) {
    scan(`holds no copy: ${route.name}`, route, (copies) => expect(copies).toEqual([]));
  }

  scan("holds an open signer's key in locked memory that is not dumped, and nowhere else", OPEN, (copies) => {
    expect(copies.filter(({ trace }) => trace === "seed").length).toBeGreaterThan(0);
    expect(copies.filter(({ locked }) => !locked)).toEqual([]);
  });

  scan("holds a passphrase that came from the environment, but no key", FROM_ENVIRONMENT, (copies) => {
    const traces = new Set(copies.map(({ trace }) => trace));
    expect([...traces].filter((trace) => !trace.startsWith("passphrase"))).toEqual([]);
    expect(traces).toContain("passphrase");
  });

  scan(
    "holds no text of a key without libsodium; OpenSSL's copy may be left",
    WITHOUT_LIBSODIUM,
    (copies) => {
      expect(copies.filter(({ trace }) => /hex|base64/.test(trace))).toEqual([]);
    },
  );
});
