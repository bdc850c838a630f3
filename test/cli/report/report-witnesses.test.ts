import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { BUNDLE, makeProjectWithKey, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { Authority, reasonWithoutAuthority } from "../../support/evidence/authority.ts";
import { timestampsFile } from "../../support/evidence/timestamps.ts";
import { expectHarmless, textOf } from "../../support/page/page.ts";

const REPORT = ["verify", "one", "--report", "page.html"];

function readPage(project: Project): string {
  const page = readFileSync(project.at("page.html"), "utf8");
  expectHarmless(page);
  return page;
}

describe("runseal verify --report: who else vouches, and when", () => {
  it("lists countersigners, and whether each counts", async () => {
    using project = await makeSealedProject();
    await project.done(["key", "new", "bob", "--no-passphrase"]);
    await project.done(["sign", "--counter", "one", "--key", "bob"]);
    const { trust } = await project.json(REPORT);
    const [{ key_id: keyId = "" } = {}] = (trust as { countersigners: { key_id?: string }[] }).countersigners;
    expect(textOf(readPage(project))).toMatch(new RegExp(`Countersigner ${keyId} bob at \\S+: `));
  });

  const reason = reasonWithoutAuthority();
  it.skipIf(reason !== undefined)(
    `says by when a trusted authority saw the signature${reason === undefined ? "" : ` (skipped: ${reason})`}`,
    async () => {
      using authority = new Authority();
      using project = await makeSealedProject();
      const key = readFileSync(join(project.config, "runseal/keys/default.pub"), "utf8").replace(/^\S+ /, "");
      project.write({ trust: `alice ${key}${authority.line("ours")}` });
      const artifact = JSON.parse(readFileSync(project.at(BUNDLE, "SIGNATURE.json"), "utf8")) as {
        signature: string;
      };
      const token = authority.forge(Buffer.from(artifact.signature, "hex"), { at: Date.now() });
      writeFileSync(project.at(BUNDLE, "TIMESTAMPS.json"), timestampsFile([token]));
      const { time } = await project.json([...REPORT, "--trust", "trust"]);
      const { reason: words } = time as { reason: string };
      expect(textOf(readPage(project))).toContain(`Time ${words} (trusted)`);
    },
  );

  it("of a run that failed says why, in the run's own words", async () => {
    using project = await makeProjectWithKey({});
    await project.run([
      "run",
      "--id",
      "one",
      "--output",
      "out",
      "--",
      "sh",
      "-c",
      "mkdir out; echo a > out/a; exit 3",
    ]);
    expect((await project.run(REPORT)).exitCode).toBe(1);
    expect(textOf(readPage(project))).toContain("Failure the run says: the command failed with exit code 3");
  });

  it("says that the signer did not witness the command of an unsigned bundle", async () => {
    using project = await makeProjectWithKey({});
    await project.run([
      "run",
      "--unsigned",
      "--id",
      "one",
      "--output",
      "out",
      "--",
      "sh",
      "-c",
      "mkdir out; echo a > out/a",
    ]);
    await project.run(["sign", "one", "--yes"]);
    expect((await project.run(REPORT)).exitCode).toBe(0);
    const text = textOf(readPage(project));
    expect(text).toContain(
      "Command sh -c 'mkdir out; echo a > out/a'; not witnessed by the signer, and neither is its exit code",
    );
    expect(text).toMatch(/Sealed \S+, elsewhere, the sealer says Signed \S+, the signer says/);
  });
});

const BROWSER = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

describe.skipIf(BROWSER === undefined)(
  `runseal verify --report in a browser${BROWSER === undefined ? " (skipped: no Chromium)" : ""}`,
  () => {
    it("has its style: the policy of the page refuses nothing of the page", async () => {
      using project = await makeSealedProject();
      await project.done(REPORT);
      const profile = mkdtempSync(join(project.folder, "profile-"));
      const { status, stderr, stdout } = spawnSync(
        BROWSER ?? "",
        [
          ...["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"],
          `--user-data-dir=${profile}`,
          "--dump-dom",
          pathToFileURL(project.at("page.html")).href,
        ],
        { encoding: "utf8", env: { PATH: process.env["PATH"] ?? "", HOME: project.folder }, timeout: 60_000 },
      );
      expect(status, stderr).toBe(0);
      expect(stdout).toContain("Each file is as it was sealed");
      expect(stderr).not.toMatch(/Content Security Policy|CONSOLE/);
      rmSync(profile, { recursive: true, force: true });
    }, 90_000);
  },
);
