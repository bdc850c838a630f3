import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { sealBundle, testSigner, writeBundle } from "../../support/bundles/bundle.ts";
import { type CliEnd, Project } from "../../support/command/cli.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";

const BUNDLE = sealBundle({ bind: true });
const FILE = "run/run-001/COUNTERSIGNATURES.json";

/** Commands that run freely lose an update once in many rounds only; those that stand still lose it each time. */
const ROUNDS = 2;

/** Renames at which the first command stands still, one after the other; a command that makes fewer ends by itself. */
const STOPS = [1, 2, 3];

/** So long does the first command stand still at most: with a lock in its hands, the second waits for it. */
const PATIENCE_MS = 1500;

/** The seed of one of many test keys. */
function seedOf(number: number): string {
  return number.toString(16).padStart(2, "0").repeat(32);
}

/** Which of several commands succeeded, by their place. */
async function succeeded(ends: readonly Promise<CliEnd>[]): Promise<readonly number[]> {
  const done: number[] = [];
  for (const [at, end] of (await Promise.all(ends)).entries()) if (end.exitCode === 0) done.push(at);
  return done;
}

/** Runs one command that stands still before one of its renames, and meanwhile another. Gives both ends. */
async function overtake(
  project: Project,
  slow: readonly string[],
  fast: readonly string[],
  stop: number,
): Promise<readonly [CliEnd, CliEnd]> {
  let [isStopped, isReleased] = [false, false];
  const when = (pid: number): boolean => {
    isStopped ||= standsStill(pid);
    return isStopped && isReleased;
  };
  const at = stopAt(project, `renameSync:${stop}:SIGSTOP`);
  const first = project.run(slow, { ...at, kill: { signal: "SIGCONT", when } });
  let isOver = false;
  const watched = first.finally(() => {
    isOver = true;
  });
  while (!isStopped && !isOver) await setTimeout(5);
  const second = project.run(fast);
  await Promise.race([second, setTimeout(PATIENCE_MS)]);
  isReleased = true;
  return [await watched, await second];
}

function standsStill(pid: number): boolean {
  return / T \d/.test(readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, ""));
}

describe("many commands edit one file at the same time (D4)", () => {
  it("keeps the line of each trust add that succeeded", async () => {
    using project = new Project();
    for (let round = 0; round < ROUNDS; round++) {
      const file = `signers-${round}`;
      const keys = Array.from({ length: 20 }, (_, at) => testSigner(seedOf(at + 1)).publicKeyHex);
      const done = await succeeded(
        keys.map((key, at) => project.run(["trust", "add", `signer-${at}`, key, "--trust", file])),
      );
      const text = readFileSync(project.at(file), "utf8");
      const lost = done.filter((at) => !text.includes(`signer-${at} runseal-ed25519 ${keys[at]}\n`));
      expect(done.length).toBeGreaterThan(0);
      expect(lost, `of ${done.length} that exited with 0`).toEqual([]);
    }
  });

  it.for(STOPS)("keeps both lines where one trust add stands still at rename %i", async (stop, { skip }) => {
    skip(process.platform !== "linux", "only /proc says that a process stands still");
    using project = new Project();
    const add = (at: number): readonly string[] => [
      ...["trust", "add", `signer-${at}`, testSigner(seedOf(at)).publicKeyHex, "--trust", "signers"],
    ];
    writeFileSync(project.at("signers"), "");
    const ends = await overtake(project, add(1), add(2), stop);
    const text = readFileSync(project.at("signers"), "utf8");
    const lost = ends.flatMap(({ exitCode }, at) =>
      exitCode === 0 && !text.includes(testSigner(seedOf(at + 1)).publicKeyHex) ? [at + 1] : [],
    );
    expect(lost).toEqual([]);
    expect(ends.map(({ exitCode }) => exitCode)).toContain(0);
  });

  it.for(STOPS)(
    "keeps both entries where one countersign stands still at rename %i",
    async (stop, { skip }) => {
      skip(process.platform !== "linux", "only /proc says that a process stands still");
      using project = new Project();
      writeBundle(project.root, BUNDLE);
      const countersign = (at: number): readonly string[] => {
        writeFileSync(project.at(`${at}.key`), `${seedOf(at + 0x40)}\n`, { mode: 0o600 });
        return ["sign", "--counter", "run/run-001", "--files", "files", "--any-signer", "--key", `${at}.key`];
      };
      const ends = await overtake(project, countersign(1), countersign(2), stop);
      const text = readFileSync(project.at(FILE), "utf8");
      const lost = ends.flatMap(({ exitCode }, at) =>
        exitCode === 0 && !text.includes(testSigner(seedOf(at + 0x41)).publicKeyHex) ? [at + 1] : [],
      );
      expect(lost).toEqual([]);
      expect(ends.map(({ exitCode }) => exitCode)).toContain(0);
    },
  );
});
