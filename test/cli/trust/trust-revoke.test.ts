import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  testSigner,
  writeBundle,
} from "../../support/bundles/bundle.ts";
import { Project } from "../../support/command/cli.ts";

const FIRST = testSigner(FIRST_SEED);
const SECOND = testSigner(SECOND_SEED);
const ALICE = `runseal-ed25519 ${FIRST.publicKeyHex}`;
const BOB = `runseal-ed25519 ${SECOND.publicKeyHex}`;
const REVOKE = ["trust", "revoke", "--trust", "signers.txt"];

function makeScene(trust: string): Project {
  const project = new Project();
  writeBundle(project.root, sealBundle({ bind: true }));
  project.write({ "signers.txt": trust });
  return project;
}

function trustIn(project: Project): string {
  return readFileSync(project.at("signers.txt"), "utf8");
}

describe.concurrent("runseal trust revoke", () => {
  it("makes verify refuse what the key sealed, and touches nothing else in the file", async () => {
    using project = makeScene(`# friends\r\n alice\t${ALICE} laptop\r\nbob ${BOB}`);
    const verify = ["verify", "run/run-001", "--files", "files", "--trust", "signers.txt"];
    await project.done(verify);
    const { stdout } = await project.done([...REVOKE, "alice"]);
    expect(stdout).toMatch(/^revoked in signers\.txt\n/);
    expect(trustIn(project)).toBe(`# friends\r\n alice revoked\t${ALICE} laptop\r\nbob ${BOB}`);
    expect(await project.json(verify)).toMatchObject({ code: "SIGNER_REVOKED", exit_code: 3 });
  });

  it.each([
    ["a key", FIRST.publicKeyHex],
    ["a digest", `id:${FIRST.validatorId}`],
    ["a .pub file", "alice.pub"],
  ])("revokes every line of %s", async (_what, named) => {
    using project = makeScene(
      `alice ${ALICE}\nold,build valid-before="20300101",bound ${ALICE}\nbob ${BOB}\n`,
    );
    writeFileSync(project.at("alice.pub"), `alice ${ALICE}\n`);
    expect(await project.json([...REVOKE, named])).toMatchObject({ revoked: [{ line: 1 }, { line: 2 }] });
    expect(trustIn(project)).toBe(
      `alice revoked ${ALICE}\nold,build revoked,valid-before="20300101",bound ${ALICE}\nbob ${BOB}\n`,
    );
  });

  it("revokes from a moment on with --at, which is made stricter and never milder", async () => {
    using project = makeScene(`alice ${ALICE}\n`);
    const revoke = async (...at: readonly string[]): Promise<string> => {
      await project.done([...REVOKE, "alice", ...at]);
      return trustIn(project);
    };
    expect(await revoke("--at", "20261124")).toBe(`alice revoked="20261124" ${ALICE}\n`);
    expect(await revoke("--at", "20261125"), "a later moment changes nothing").toBe(
      `alice revoked="20261124" ${ALICE}\n`,
    );
    expect(await revoke("--at", "202611230000")).toBe(`alice revoked="202611230000" ${ALICE}\n`);
    expect(await revoke()).toBe(`alice revoked ${ALICE}\n`);
    expect(await revoke("--at", "20261124")).toBe(`alice revoked ${ALICE}\n`);
    const facts = await project.json([...REVOKE, "alice"]);
    expect(facts).toMatchObject({ ok: true, revoked: [], unchanged: [{ line: 1 }] });
  });

  it.each([
    ["2026-11-24T09:20:42Z", "20261124092042"],
    ["2026-11-24T09:20Z", "202611240920"],
    ["2026-11-24", "20261124"],
  ])("takes %s as runseal prints times, also for the other moments", async (typed, written) => {
    using project = makeScene(`alice ${ALICE}\n`);
    await project.done([...REVOKE, "alice", "--at", typed]);
    expect(trustIn(project)).toBe(`alice revoked="${written}" ${ALICE}\n`);
    const window = ["--valid-after", typed, "--valid-before", "2030-01-01"];
    await project.done(["trust", "add", "bob", FIRST.publicKeyHex, "--trust", "other", ...window]);
    await project.done([
      "trust",
      "add",
      "ours",
      "--tsa",
      `sha256:${"0".repeat(64)}`,
      "--trust",
      "other",
      ...window,
    ]);
    const lines = readFileSync(project.at("other"), "utf8").trimEnd().split("\n");
    for (const line of lines)
      expect(line).toMatch(new RegExp(`valid-after="${written}"[ ,]valid-before="20300101"`));
    expect(lines).toHaveLength(2);
  });

  it.each(["2026-11-24T09:20:42", "2026-11-24T09:20:42+01:00", "2026-13-01", "2026-11-24 09:20Z"])(
    "refuses %s: not a moment in UTC",
    async (typed) => {
      using project = makeScene(`alice ${ALICE}\n`);
      const { exitCode, stderr } = await project.changesNothing([...REVOKE, "alice", "--at", typed]);
      expect(exitCode).toBe(2);
      expect(stderr.replaceAll(/\n +/g, " ")).toContain(
        "USAGE: --at takes a moment in UTC, such as 2026-11-24T09:20:42Z",
      );
    },
  );

  it("keeps quoted names and options with spaces whole", async () => {
    using project = makeScene(`"alice b" namespaces="run seal,*" ${ALICE}\n`);
    await project.done([...REVOKE, FIRST.publicKeyHex]);
    expect(trustIn(project)).toBe(`"alice b" revoked,namespaces="run seal,*" ${ALICE}\n`);
  });
});
