import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { makeProject, type Project } from "../support/cli.ts";
import { type Copy, canScan, type Traces, tracesOfSeed } from "../support/memory-scan.ts";
import { type Signing, scanAfter } from "../support/stopped-process.ts";

/** A route that a key takes through the program, and what must be left of it in memory. */
interface Route {
  readonly name: string;
  /** Arranges the key where a user has it; the process that signs gets no more than is said here. */
  readonly arrange: (project: Project, seed: Buffer) => Omit<Signing, "cwd" | "env">;
}

const plainKey = (project: Project, seed: Buffer): string => {
  writeFileSync(project.at("key"), `${seed.toString("hex")}\n`, { mode: 0o600 });
  return project.at("key");
};

const LEAVE_NOTHING: readonly Route[] = [
  {
    name: "plain key file",
    arrange: (project, seed) => ({ way: "signer", args: [plainKey(project, seed)] }),
  },
  {
    name: "plain key file, signing throws",
    arrange: (project, seed) => ({ way: "throws", args: [plainKey(project, seed)] }),
  },
  {
    name: "plain key file, seal",
    arrange: (project, seed) => ({
      way: "command",
      args: ["seal", "out", "--key", plainKey(project, seed)],
    }),
  },
  {
    name: "plain key file, seal fails after signing",
    arrange: (project, seed) => {
      writeFileSync(project.at("taken"), "");
      const args = ["seal", "out", "--key", plainKey(project, seed), "--out", "taken"];
      return { way: "command", args, exitCode: 4 };
    },
  },
];

const rows: string[] = [];

/** Runs a route and adds its line to the table. */
async function copiesAfter({ name, arrange }: Route): Promise<readonly Copy[]> {
  using project = makeProject();
  const seed = randomBytes(32);
  const signing = { ...arrange(project, seed), cwd: project.root, env: project.env };
  const copies = await scanAfter(signing, traces(seed));
  const outside = copies.filter(({ locked }) => !locked);
  const found = new Map<string, number>();
  for (const { trace } of outside) found.set(trace, (found.get(trace) ?? 0) + 1);
  const words = [...found].map(([trace, count]) => `${trace} ${count}`).join(", ") || "none";
  rows.push(`${name.padEnd(44)} ${String(copies.length - outside.length).padStart(6)}   ${words}`);
  return copies;
}

function traces(seed: Buffer): Traces {
  return tracesOfSeed(seed);
}

describe.runIf(process.platform === "linux" && canScan())("memory after signing (H-01, H-07)", () => {
  afterAll(() => {
    console.log(`${"copies in memory".padEnd(44)} locked   elsewhere\n${rows.join("\n")}`);
  });

  it("finds a key that is kept in a KeyObject: the control", async () => {
    const control: Route = {
      name: "control: a KeyObject that is kept",
      arrange: (project, seed) => ({ way: "control", args: [plainKey(project, seed)] }),
    };
    const copies = await copiesAfter(control);
    expect(copies.filter(({ trace }) => trace === "seed").length).toBeGreaterThan(0);
  });

  it.each(LEAVE_NOTHING)("holds no copy: $name", async (route) => {
    expect(await copiesAfter(route)).toEqual([]);
  });

  it("holds a key only in locked memory that is not dumped, while its signer is open", async () => {
    const open: Route = {
      name: "plain key file, signer still open",
      arrange: (project, seed) => ({ way: "open", args: [plainKey(project, seed)] }),
    };
    const copies = await copiesAfter(open);
    expect(copies.filter(({ trace }) => trace === "seed").length).toBeGreaterThan(0);
    expect(copies.filter(({ locked }) => !locked)).toEqual([]);
  });
});
