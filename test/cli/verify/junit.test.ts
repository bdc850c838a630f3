import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeJunit } from "../../../src/cli/junit/junit.ts";
import { linked, sceneOfThree } from "../../support/bundles/history-scene.ts";
import { anyText } from "../../support/bundles/plain-json.ts";
import { makeProjectWithKey, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { caseNames, expectJunit, HAS_EXPAT, HAS_XMLLINT } from "../../support/page/xml.ts";
import { fc, runs } from "../../support/rings/properties.ts";

/** Runs a command that writes `junit.xml`, and gives the document. */
async function junitOf(project: Project, args: readonly string[], exitCode: number): Promise<string> {
  const end = await project.run([...args, "--junit", "junit.xml"]);
  expect(end.exitCode, end.stderr).toBe(exitCode);
  const document = readFileSync(project.at("junit.xml"), "utf8");
  if (HAS_XMLLINT) expectJunit(document);
  return document;
}

/** What the head of the document counts. */
function totals(document: string): string {
  return /<testsuites name="runseal" ([^>]*)>/.exec(document)?.[1] ?? "";
}

describe.concurrent("runseal verify --junit", () => {
  it("has a passed case for each phase and for the signer", async () => {
    using project = await makeSealedProject();
    const document = await junitOf(project, ["verify", "one"], 0);
    expect(totals(document)).toBe('tests="12" failures="0" errors="0"');
    for (const name of ["1 presence", "9 outputs", "11 tree", "signer"])
      expect(document).toContain(`name="${name}" time="0"/>`);
  });

  it("has a failing case for the phase and for each file that is not as sealed, and skips later phases", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("out/a.txt"), "other\n");
    rmSync(project.at("out/b.txt"));
    const document = await junitOf(project, ["verify", "one"], 1);
    expect(totals(document)).toBe('tests="14" failures="3" errors="0"');
    expect(document).toMatch(/name="9 outputs" time="0">\n +<failure type="HASH_MISMATCH"/);
    expect(document).toMatch(/name="&quot;out\/a.txt&quot;" time="0">\n +<failure type="HASH_MISMATCH"/);
    expect(document).toMatch(/name="&quot;out\/b.txt&quot;" time="0">\n +<failure type="OUTPUT_MISSING"/);
    expect(document).toMatch(/name="11 tree" time="0">\n +<skipped message="phase outputs failed"/);
  });

  it("fails the case of a signer that is not trusted", async () => {
    using project = await makeSealedProject();
    writeFileSync(project.at("empty.txt"), "");
    const document = await junitOf(project, ["verify", "one", "--trust", "empty.txt"], 3);
    expect(totals(document)).toBe('tests="12" failures="1" errors="0"');
    expect(document).toMatch(/name="signer" time="0">\n +<failure type="SIGNER_UNKNOWN"/);
  });

  it("skips the case of a signer that was not judged", async () => {
    using project = await makeSealedProject();
    const document = await junitOf(project, ["verify", "one", "--any-signer"], 0);
    expect(document).toMatch(/name="signer" time="0">\n +<skipped message="the signer was not judged/);
  });

  it.each([
    ["a bundle that is not there", ["verify", "nope"], 4, "RUN_NOT_FOUND", "errors"],
    [
      "a bundle that is not the expected one",
      ["verify", "one", "--expect", "0".repeat(64)],
      1,
      "EXPECTATION_FAILED",
      "failures",
    ],
  ])("fails a case for %s", async (_what, args, exitCode, code, counted) => {
    using project = await makeSealedProject();
    const document = await junitOf(project, args, exitCode);
    expect(document).toContain(`type="${code}"`);
    expect(totals(document)).toContain(`${counted}="1"`);
  });

  it.skipIf(!HAS_EXPAT)("keeps hostile names legal in XML", async () => {
    const names = ["<a>&\"'", "\u0000".replace("\u0000", "\u0001"), "\ufffe", "]]>", "\u202e", "\u001b[2J"];
    using project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [`out/${name}`, name])));
    await project.done(["seal", "out", "--names", "posix", "--id", "one"]);
    for (const name of names) writeFileSync(project.at("out", name), "changed");
    const found = caseNames(await junitOf(project, ["verify", "one"], 1));
    expect(found).toContain('"out/<a>&\\"\'"');
    expect(found).toContain('"out/\\u{202e}"');
    expect(found.filter((name) => name.startsWith('"out/'))).toHaveLength(names.length);
  });

  it.skipIf(!HAS_EXPAT)("is well-formed with any text in it", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 8 }), (texts) => {
        const cases = texts.map((text) => ({
          name: text,
          outcome: { kind: "failure", code: "X", message: text, hints: [text] } as const,
        }));
        expect(caseNames(encodeJunit([{ name: "x", cases }], "2026-01-01T00:00:00Z"))).toHaveLength(
          texts.length,
        );
      }),
      { numRuns: runs(24) },
    );
  });

  it("lists 10,000 cases, the failing ones first, and counts the others", () => {
    const passed = Array.from({ length: 20_000 }, (_, at) => ({
      name: `${at}`,
      outcome: { kind: "passed" } as const,
    }));
    const failed = { name: "last", outcome: { kind: "failure", code: "X", message: "wrong" } as const };
    const document = encodeJunit([{ name: "x", cases: [...passed, failed] }], "2026-01-01T00:00:00Z");
    expect(totals(document)).toBe('tests="10001" failures="1" errors="0"');
    expect(document).toContain('name="last"');
    expect(document).toContain("10001 more are not listed: none of them failed");
  });
});

describe.concurrent("runseal verify --history --junit", () => {
  const CHAIN = ["verify", "--history", "--any-signer"];

  it("has a passed case for each run and for the chain", async () => {
    using scene = sceneOfThree();
    const document = await junitOf(scene, CHAIN, 0);
    expect(totals(document)).toBe('tests="4" failures="0" errors="0"');
    for (const name of ["one", "two", "three", "chain"])
      expect(document).toContain(`name="${name}" time="0"/>`);
  });

  it("fails the run whose files are not as sealed", async () => {
    using scene = sceneOfThree();
    writeFileSync(scene.at("two.txt"), "other\n");
    const document = await junitOf(scene, CHAIN, 1);
    expect(totals(document)).toContain('failures="1" errors="0"');
    expect(document).toMatch(/name="two" time="0">\n +<failure type="HASH_MISMATCH"/);
    expect(document).toContain('name="one" time="0"/>');
  });

  it("fails a case for each thing that does not fit into the line", async () => {
    using scene = sceneOfThree();
    const [one] = scene.line;
    scene.put(linked("two-b", one, { outputs: { "two.txt": "two\n" } }));
    const document = await junitOf(scene, CHAIN, 1);
    expect(document).toMatch(/name="1 HISTORY_FORK" time="0">\n +<failure type="HISTORY_FORK"/);
    expect(document).toMatch(/name="chain" time="0">\n +<skipped /);
  });

  it("fails the run whose signer is not trusted", async () => {
    using scene = sceneOfThree();
    writeFileSync(scene.at("empty.txt"), "");
    const document = await junitOf(scene, ["verify", "--history", "--trust", "empty.txt"], 3);
    expect(totals(document)).toContain('failures="1" errors="0"');
  });
});
