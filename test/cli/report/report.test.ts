import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { linked, sceneOfThree } from "../../support/bundles/history-scene.ts";
import {
  BUNDLE,
  makeProjectWithKey,
  makeSealedProject,
  namesIn,
  type Project,
} from "../../support/command/cli.ts";
import { expectHarmless, textOf } from "../../support/page/page.ts";

/** Runs a command that writes `page.html`, and gives the page. */
async function pageOf(project: Project, args: readonly string[], exitCode: number): Promise<string> {
  const end = await project.run(args);
  expect(end.exitCode, end.stderr).toBe(exitCode);
  const page = readFileSync(project.at("page.html"), "utf8");
  expectHarmless(page);
  return page;
}

const isRoot = process.geteuid?.() === 0;
const OTHER_USER = 65534;
const REPORT = ["verify", "one", "--report", "page.html"];

describe.concurrent("runseal verify --report: a page", () => {
  it("shows the verdict, the signer, why the policy trusts it, the time, the files, and how to verify it again", async () => {
    using project = await makeSealedProject();
    const facts = await project.json(["verify", "one"]);
    const text = textOf(await pageOf(project, REPORT, 0));
    for (const shown of [
      "Accepted Each file is as it was sealed, and the signer is trusted.",
      `Hash ${facts["bundle_root"]} Files 2 files, 11 bytes`,
      (facts["signer"] as { fingerprint: string }).fingerprint,
      "Trust your trust file line 1 trusts the key as default",
      `Sealed ${facts["sealed_at"]}, the signer says`,
      "outputs ok Whether each file has the digest that was sealed.",
      "tree ok",
      "Nothing: all that was compared is as it was sealed.",
      "out/a.txt 6 bytes",
      `runseal verify 'one' --expect ${facts["bundle_root"]}`,
    ])
      expect(text).toContain(shown);
  });

  it("is the same by verify --report, but for its time", async () => {
    using project = await makeSealedProject();
    const page = await pageOf(project, REPORT, 0);
    renameSync(project.at("page.html"), project.at("first.html"));
    const other = await pageOf(project, ["verify", "one", "--report", "page.html"], 0);
    const timeless = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME");
    expect(timeless(other)).toBe(timeless(page));
  });

  it("of a rejected run says so and why, lists every difference, and leaves the exit code", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("out/a.txt"), "other\n");
    rmSync(project.at("out/b.txt"));
    const text = textOf(await pageOf(project, REPORT, 1));
    expect(text).toContain('Rejected The output "out/a.txt" is not the file that was sealed. HASH_MISMATCH');
    expect(text).toContain("outputs FAILED Whether each file has the digest that was sealed.");
    expect(text).toMatch(/changed out\/a\.txt is [0-9a-f]{16}…, was [0-9a-f]{16}…/);
    expect(text).toContain("missing out/b.txt");
    expect(text).toContain("2 differences found");
    expect(text).toContain("acceptance not reached");
    expect(text).toContain("Trust not decided");
    expect(text).not.toContain("Accepted");
  });

  it("of a forged bundle shows nothing that the bundle claims", async () => {
    using project = await makeSealedProject();
    const { bundle_root: root, signer } = await project.json(["verify", "one"]);
    const payload = project.at(BUNDLE, "SIGNATURE.json");
    writeFileSync(
      payload,
      readFileSync(payload, "utf8").replace(
        /"signature":"(.)/,
        (_all, first) => `"signature":"${first === "0" ? "1" : "0"}`,
      ),
    );
    const text = textOf(await pageOf(project, REPORT, 1));
    expect(text).toContain("Rejected");
    for (const claim of [
      String(root),
      (signer as { public_key: string }).public_key,
      "What is known",
      "Files",
    ])
      expect(text).not.toContain(claim);
  });

  it("says that the signer is not trusted, or was not judged", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("empty.txt"), "");
    const strict = textOf(await pageOf(project, [...REPORT, "--trust", "empty.txt"], 3));
    expect(strict).toMatch(/Whole, but not trusted The bundle is sound, but [^.]+\. SIGNER_UNKNOWN/);
    expect(strict).toMatch(/runseal verify 'one' --expect [0-9a-f]{64} --trust 'empty.txt'/);
    rmSync(project.at("page.html"));
    const any = textOf(await pageOf(project, [...REPORT, "--any-signer"], 0));
    expect(any).toContain("Whole, by any signer");
    expect(any).toMatch(/runseal verify 'one' --expect [0-9a-f]{64} --any-signer/);
    expect(any).not.toContain("Accepted");
  });

  it("keeps hostile names as text: tags, quotes, controls and bidirectional marks", async () => {
    const names = [
      "<script>alert(1)<b>",
      `"onload="x' `,
      "\u202etxt.exe",
      "a\u001b[2J\nb",
      "&lt;img src=x>",
      "]]>",
    ];
    using project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [`out/${name}`, name])));
    await project.done(["seal", "out", "--names", "posix", "--id", "one"]);
    for (const name of names.slice(0, 3)) writeFileSync(project.at("out", name), "changed");
    const text = textOf(await pageOf(project, REPORT, 1));
    expect(text).toContain("out/<script>alert(1)<b>");
    expect(text).toContain('"out/\\u{202e}txt.exe"');
    expect(text).toContain('"out/a\\u{1b}[2J\\nb"');
  });

  it("that can't be written fails the command, and the verdict stands", async () => {
    using project = await makeSealedProject();
    const before = namesIn(project.root);
    const facts = await project.json(["verify", "one", "--report", "nowhere/page.html"]);
    expect(facts).toMatchObject({
      code: "WRITE_FAILED",
      exit_code: 4,
      report: null,
      verdict: { ok: true },
      trust: { ok: true },
    });
    rmSync(project.at("out/a.txt"));
    expect(await project.json(["verify", "one", "--report", "nowhere/page.html"])).toMatchObject({
      code: "OUTPUT_MISSING",
      exit_code: 1,
      report: null,
    });
    expect(namesIn(project.root)).toEqual(before);
  });

  it("of a run in the store says that the disk was not looked at", async () => {
    using project = await makeSealedProject();
    rmSync(project.at("out"), { recursive: true });
    const text = textOf(await pageOf(project, [...REPORT, "--stored"], 0));
    expect(text).toContain(
      "The store holds each file as it was sealed, the disk was not looked at, and the signer is trusted.",
    );
    expect(text).toContain("2 files, 11 bytes, in the project's store");
  });

  it("replaces an older page of this user in one step, and JUnit too", async () => {
    using project = await makeSealedProject();
    for (const [option, name] of [
      ["--report", "page.html"],
      ["--junit", "junit.xml"],
    ] as const) {
      writeFileSync(project.at(name), "the verdict of another run", { mode: 0o600 });
      linkSync(project.at(name), project.at(`${name}.other`));
      expect(await project.json(["verify", "one", option, name])).toMatchObject({ exit_code: 0 });
      expect(readFileSync(project.at(name), "utf8")).toMatch(/<html|<testsuites/);
      expect(readFileSync(project.at(`${name}.other`), "utf8")).toBe("the verdict of another run");
    }
    expect(namesIn(project.root).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  it("refuses a name that a folder, a link or another user's file has, before anything is verified", async () => {
    using project = await makeSealedProject();
    mkdirSync(project.at("folder"));
    symlinkSync("out/a.txt", project.at("link"));
    writeFileSync(project.at("others"), "precious");
    if (isRoot) chownSync(project.at("others"), OTHER_USER, OTHER_USER);
    for (const name of ["folder", "link", ...(isRoot ? ["others"] : [])]) {
      const { exitCode, stderr } = await project.changesNothing(["verify", "one", "--report", name]);
      expect(exitCode).toBe(4);
      expect(stderr).toContain(`error: FILE_EXISTS: there is already something at "${name}"`);
    }
  });

  it("that can't be made takes an older one away, which would pass for the verdict of this call", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("page.html"), "accepted");
    expect(await project.json(["verify", "nope", "--report", "page.html"])).toMatchObject({
      code: "RUN_NOT_FOUND",
      report: null,
    });
    expect(existsSync(project.at("page.html"))).toBe(false);
  });
});

describe.concurrent("runseal verify --report: the history", () => {
  const SCENE = ["verify", "two", "--any-signer", "--report", "page.html"];

  it("shows the runs around this one, newest first, with HEAD, and the chain root to compare", async () => {
    using scene = sceneOfThree();
    const text = textOf(await pageOf(scene, SCENE, 0));
    expect(text).toMatch(/History .* three .* HEAD .* two .* one /);
    const { chain_root: root } = await scene.json(["verify", "--history", "--any-signer"]);
    expect(text).toContain(`3 runs in the history. Each names the one before it, and each signature holds.`);
    expect(text).toContain(`Chain root ${root}: compare it with the one that the signer gave you.`);
    expect(text).not.toContain("What does not fit");
  });

  it("shows a fork and a gap, and says what does not fit", async () => {
    using scene = sceneOfThree();
    const [one, two] = scene.line;
    if (one === undefined || two === undefined) throw new TypeError("the scene has three runs");
    scene.put(linked("two-b", one, { outputs: { "two.txt": "two\n" } }));
    scene.drop("one");
    const page = await pageOf(scene, SCENE, 1);
    const text = textOf(page);
    expect(text).toContain("Accepted, but the history is broken");
    expect(page).toContain('class="verdict amber"');
    expect(text).toContain(`missing: ${one.bundleRoot.slice(0, 8)}…, before two`);
    expect(text).toMatch(/What does not fit HISTORY_FORK: runs "two" and "two-b" .* HISTORY_GAP: /);
    expect(page).toContain('class="edge gap"');
    expect(text).toMatch(/on another branch|beyond a gap/);
  });

  it("leaves out most of a long line, and says how many", async () => {
    using scene = sceneOfThree();
    for (let number = 4; number <= 60; number++) scene.seal(`run-${number}`, { outputs: { "x.txt": "x\n" } });
    const text = textOf(
      await pageOf(scene, ["verify", "run-30", "--any-signer", "--report", "page.html"], 0),
    );
    expect(text).toContain("16 newer runs left out");
    expect(text).toContain("16 older runs left out");
    expect(text.match(/ run-\d+ /g)?.length).toBeLessThan(40);
  });

  it("is left out for a bundle that is in no project", async () => {
    using scene = sceneOfThree();
    mkdirSync(scene.at("elsewhere"));
    renameSync(scene.at(".runseal/runs/two"), scene.at("elsewhere/two"));
    rmSync(scene.at(".runseal"), { recursive: true });
    const args = ["verify", "elsewhere/two", "--files", ".", "--any-signer", "--report", "page.html"];
    expect(textOf(await pageOf(scene, args, 0))).not.toContain("runs in the history");
  });
});
