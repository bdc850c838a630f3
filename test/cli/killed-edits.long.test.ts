import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProject, makeSealedProject, namesIn, type Project } from "../support/cli.ts";
import { ofRing, SEED } from "../support/ring.ts";
import { stopAt } from "../support/stopped-cli.ts";

/** The calls that give, take or make durable a name, and the most that one command makes of each. */
const CALLS = ["linkSync", "renameSync", "unlinkSync", "fsyncSync", "writeSync", "mkdirSync"] as const;
const MOST = 40;

/** At every so-manieth of its calls. In `npm test`, the seed decides at which of them the first kill is. */
const STEP = ofRing(3, 1);

const FRIEND = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

/** How often it must be killed at least, of so many times in CI. */
const atLeast = (kills: number): number => ofRing(1, kills);

/** Runs a command once for each of its calls, in a fresh project each, and kills it there. Gives how often it was killed. */
async function killEverywhere(
  make: () => Promise<Project>,
  args: readonly string[],
  judge: (project: Project, where: string) => Promise<void>,
): Promise<number> {
  let kills = 0;
  for (const [index, call] of CALLS.entries()) {
    for (let nth = 1 + ((SEED + index) % STEP); nth <= MOST; nth += STEP) {
      using project = await make();
      const where = `${call}:${nth}`;
      const { exitCode } = await project.run(args, stopAt(project, `${where}:SIGKILL`));
      if (exitCode !== null) break;
      kills += 1;
      await judge(project, where);
    }
  }
  return kills;
}

function keys(project: Project, ...path: readonly string[]): string {
  return join(project.config, "runseal", "keys", ...path);
}

function trustText(project: Project): string {
  return readFileSync(join(project.config, "runseal", "trust"), "utf8");
}

/** The public key that a key's own public file names. */
function publicKeyOf(project: Project, name = "default"): string {
  return (
    readFileSync(keys(project, `${name}.pub`), "utf8")
      .split(" ")[2]
      ?.trim() ?? ""
  );
}

/** Whether a seal by the user's only key is trusted by the user's own trust file. */
async function signsAndTrusts(project: Project, where: string): Promise<void> {
  await project.done(["seal", "out", "--id", "after"]);
  const facts = await project.json(["verify", "after"]);
  expect(facts, where).toMatchObject({ ok: true, signer: { public_key: publicKeyOf(project) } });
}

async function withKey(): Promise<Project> {
  const project = makeProject();
  await project.done(["init", "--name", "default", "--no-passphrase"]);
  return project;
}

describe.concurrent("a command that is killed while it writes a key", () => {
  it("init: the next init makes or finishes the key, and nothing else is left", {
    timeout: 240_000,
  }, async () => {
    const kills = await killEverywhere(
      async () => makeProject(),
      ["init", "--name", "default", "--no-passphrase"],
      async (project, where) => {
        const { exitCode, stderr } = await project.run(["init", "--name", "default", "--no-passphrase"]);
        // 4: the killed one had made all there is to make.
        expect([0, 4], `${where}: ${stderr}`).toContain(exitCode);
        expect(trustText(project), where).toBe(`default runseal-ed25519 ${publicKeyOf(project)}\n`);
        expect(namesIn(keys(project)), where).toEqual(["default.key", "default.pub"]);
        expect(namesIn(join(project.config, "runseal")), where).toEqual(["keys", "trust"]);
        await signsAndTrusts(project, where);
      },
    );
    expect(kills).toBeGreaterThanOrEqual(atLeast(11));
  });

  it("key new --force: no public file is that of another key, and init finishes", {
    timeout: 240_000,
  }, async () => {
    const kills = await killEverywhere(
      withKey,
      ["key", "new", "default", "--no-passphrase", "--force"],
      async (project, where) => {
        const sealed = await project.json(["seal", "out", "--id", "meanwhile"]);
        if (sealed["ok"] === true) {
          const facts = await project.json(["verify", "meanwhile", "--any-signer"]);
          expect(facts, where).toMatchObject({ signer: { public_key: publicKeyOf(project) } });
        } else {
          expect(sealed, where).toMatchObject({ code: "KEY_UNFINISHED", exit_code: 4 });
          expect(await project.json(["key", "list"])).toMatchObject({ unfinished: ["default"] });
        }
        await project.run(["init", "--name", "default", "--no-passphrase"]);
        await signsAndTrusts(project, where);
      },
    );
    expect(kills).toBeGreaterThanOrEqual(atLeast(11));
  });

  it("key passwd: no other file holds the private key once the key is used again", {
    timeout: 240_000,
  }, async () => {
    const kills = await killEverywhere(
      withKey,
      ["key", "passwd", "--no-passphrase"],
      async (project, where) => {
        const left = namesIn(keys(project)).filter((name) => !/^default\.(?:key|pub)$/.test(name));
        const { leftovers, keys: listed } = await project.json(["key", "list"]);
        expect({ leftovers, listed }, where).toMatchObject({
          leftovers: left,
          listed: [{ name: "default" }],
        });
        await project.done(["key", "passwd", "--no-passphrase"]);
        expect(namesIn(keys(project)), where).toEqual(["default.key", "default.pub"]);
        await signsAndTrusts(project, where);
      },
    );
    expect(kills).toBeGreaterThanOrEqual(atLeast(6));
  });
});

describe.concurrent("a command that is killed while it edits a file", () => {
  it("trust add: the file is the old or the new one, and the next edit leaves nothing beside it", {
    timeout: 240_000,
  }, async () => {
    const before = `# mine\nfriend runseal-ed25519 ${FRIEND}\n`;
    const added = "extra runseal-ed25519 d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n";
    const kills = await killEverywhere(
      async () => {
        const project = makeProject();
        project.write({ trust: before });
        return project;
      },
      ["trust", "add", "extra", added.split(" ")[2]?.trim() ?? "", "--trust", "trust"],
      async (project, where) => {
        expect([before, before + added], where).toContain(readFileSync(project.at("trust"), "utf8"));
        await project.done(["trust", "remove", "friend", "--trust", "trust"]);
        expect(namesIn(project.root), where).toEqual(["out", "trust"]);
      },
    );
    expect(kills).toBeGreaterThanOrEqual(atLeast(6));
  });

  it("countersign: the bundle has the old file or the new one, and the next one leaves nothing", {
    timeout: 240_000,
  }, async () => {
    const kills = await killEverywhere(
      async () => {
        const project = await makeSealedProject();
        for (const name of ["second", "third"]) await project.done(["key", "new", name, "--no-passphrase"]);
        return project;
      },
      ["countersign", "one", "--key", "../home/config/runseal/keys/second.key"],
      async (project, where) => {
        const again = await project.json(["countersign", "one", "--key", keys(project, "second.key")]);
        expect(["OK", "ALREADY_COUNTERSIGNED"], where).toContain(again["code"]);
        const next = await project.json(["countersign", "one", "--key", keys(project, "third.key")]);
        expect(next, where).toMatchObject({ code: "OK", countersignatures: 2 });
        expect(
          namesIn(project.at(".runseal/runs/one")).filter((name) => !/^[A-Z_]+\.json$/.test(name)),
          where,
        ).toEqual([]);
        expect(await project.json(["verify", "one"]), where).toMatchObject({ ok: true });
      },
    );
    expect(kills).toBeGreaterThanOrEqual(atLeast(4));
  });
});
