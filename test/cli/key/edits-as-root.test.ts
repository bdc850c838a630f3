import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeProject, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";

const NOBODY = 65_534;
const FRIEND = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const OTHER = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const STRACE = ["strace", "-f", "-qq", "-e", "trace=chown,lchown,fchownat,chmod,fchmodat,utimensat,truncate"];

/** A folder of another user's with a trust file of that user's. */
function foreignTrustFile(project: Project): string {
  const folder = join(project.folder, "theirs");
  mkdirSync(folder);
  const trust = join(folder, "trust");
  writeFileSync(trust, `friend runseal-ed25519 ${FRIEND}\n`);
  chmodSync(trust, 0o640);
  for (const path of [trust, folder]) chownSync(path, NOBODY, NOBODY);
  return trust;
}

describe.skipIf(process.getuid?.() !== 0)("root in another user's folder", () => {
  it("gives the new trust file to its owner with its mode, and by descriptor only", async () => {
    using project = makeProject();
    const trust = foreignTrustFile(project);
    const log = project.at("calls");
    const under = [...STRACE, "-o", log];
    const { exitCode } = await project.run(["trust", "add", "other", OTHER, "--trust", trust], { under });
    expect(exitCode).toBe(0);
    expect(lstatSync(trust)).toMatchObject({ uid: NOBODY, gid: NOBODY, mode: 0o100640 });
    expect(readFileSync(log, "utf8"), "a path could be a link by the time of the call").toBe("");
    expect(namesIn(dirname(trust))).toEqual(["trust"]);
  });

  it("does not edit root's own trust file through the other user's link", async () => {
    using project = makeProject();
    await project.done(["trust", "add", "friend", FRIEND]);
    const own = join(project.config, "runseal", "trust");
    const before = readFileSync(own);
    const link = join(dirname(foreignTrustFile(project)), "link");
    symlinkSync(own, link);
    lchownSync(link, NOBODY, NOBODY);
    const facts = await project.json(["trust", "add", "other", OTHER, "--trust", link]);
    expect(facts).toMatchObject({ code: "NOT_A_FILE", exit_code: 4 });
    expect(readFileSync(own)).toEqual(before);
  });
});

describe("a lock that is unavailable", () => {
  it("without unix sockets, the folder alone is the lock, and an edit is done and leaves nothing", async () => {
    using project = makeProject();
    project.write({ trust: "" });
    const under = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=bind:error=EOPNOTSUPP"];
    const end = await project.run(["trust", "add", "friend", FRIEND, "--trust", "trust"], { under });
    expect(end).toMatchObject({ exitCode: 0, stderr: "" });
    expect(namesIn(project.root)).toEqual(["out", "trust"]);
  });

  it("without unix sockets, a lock that was left is reported with what to do, and nothing is changed", async () => {
    using project = makeProject();
    project.write({ trust: "" });
    mkdirSync(project.at(".trust.lock"));
    writeFileSync(project.at(".trust.lock/owner"), "");
    const { exitCode, stderr } = await project.changesNothing([
      "trust",
      "add",
      "friend",
      FRIEND,
      "--trust",
      "trust",
    ]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(
      'error: LOCKED: ".trust.lock" is the lock of another command, or was left behind by one\n',
    );
    expect(stderr).toContain("hint: Let the other command finish. If none is running, remove the lock.\n");
  });
});

describe("a dangling COUNTERSIGNATURES.json", () => {
  it("is neither followed nor replaced by countersign", async () => {
    using project = await makeSealedProject();
    await project.done(["key", "new", "second", "--no-passphrase"]);
    const link = project.at(".runseal/runs/one/COUNTERSIGNATURES.json");
    symlinkSync("nowhere", link);
    const key = join(project.config, "runseal", "keys", "second.key");
    const facts = await project.json(["sign", "--counter", "one", "--key", key]);
    expect(facts).toMatchObject({ code: "COUNTERSIGNATURES_MALFORMED", exit_code: 1 });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(namesIn(dirname(link))).not.toContain("nowhere");
  });
});
