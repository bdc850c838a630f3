import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FINDING_KINDS, FindingTable, makeFindings, type OutputClaims } from "../../../src/core/index.ts";
import { listRuns, openRun } from "../../../src/node/index.ts";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import { artifactsDigest } from "../src/audit/artifacts.ts";
import { encodeFindings, joinFindings } from "../src/audit/fact.ts";
import type { FoundRange } from "../src/database/functions.ts";

let project: Project;
let claims: OutputClaims;
const ROWS = 7;

/** What sha256sum gives. */
const KEY = "0705d5fcd7498d18462452e35f97507b770eb52e4091f8bc42a379659e972b7b";

beforeAll(async () => {
  project = await makeProjectWithKey(
    Object.fromEntries(Array.from({ length: ROWS }, (_, file) => [`out/f${file}`, `content ${file}\n`])),
  );
  await project.done(["seal", "out", "--id", "one"]);
  const layout = `oci-layout:${project.at("layout")}`;
  await project.done(["push", "one", layout]);
  const listed = await listRuns({ from: layout });
  if (!listed.ok) throw new Error(listed.message);
  const opened = await openRun({ from: listed.value.runs[0]?.reference ?? "", trust: "any-signer" });
  if (!opened.ok) throw new Error(opened.message);
  using run = opened.value;
  const outputs = run.outputs();
  if (!outputs.ok) throw new Error(outputs.message);
  claims = outputs.value.claims;
});
afterAll(() => project?.[Symbol.dispose]());

/** Findings as a repository makes them: files as claimed, but for some rows. */
function findings(missing: readonly number[] = []): FindingTable {
  const columns = makeFindings(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const isMissing = missing.includes(row);
    columns.kinds[row] = isMissing ? FINDING_KINDS.missing : FINDING_KINDS.file;
    if (isMissing) continue;
    columns.sizes[row] = 2 ** 47 + row;
    columns.digests.set(claims.columns.digests.subarray(row * 32, (row + 1) * 32), row * 32);
  }
  return new FindingTable(columns);
}

function factsOf(table: FindingTable, ...ends: readonly number[]): readonly FoundRange[] {
  return ends.map((end, index) => {
    const first = ends[index - 1] ?? 0;
    return { first, end, findings: encodeFindings(claims, table, { first, end }) };
  });
}

describe("facts of ranges", () => {
  it.each([[[7]], [[3, 7]], [[1, 2, 3, 4, 5, 6, 7]]])("that end at %j give the findings again", (ends) => {
    const table = findings([2, 6]);
    const joined = joinFindings(claims, factsOf(table, ...ends));
    expect([...(joined ?? [])].map((finding) => finding?.kind)).toEqual(
      [...table].map((finding) => finding?.kind),
    );
    for (const [row, finding] of [...table].entries())
      if (finding?.kind === "file") expect(joined?.at(row)).toEqual(finding);
  });

  it("that miss a row, overlap, go on too long or are cut short are not findings", () => {
    const [head, tail] = factsOf(findings(), 3, 7);
    if (head === undefined || tail === undefined) return expect.unreachable();
    const { findings: bytes } = tail;
    const bad = [
      [],
      [head],
      [tail],
      [tail, head],
      [head, head, tail],
      [head, { ...tail, end: 8 }],
      [head, { ...tail, findings: bytes.subarray(1) }],
      [head, { ...tail, findings: Buffer.concat([bytes, Buffer.alloc(1)]) }],
      [head, { ...tail, findings: Buffer.concat([Buffer.of(6), bytes.subarray(1)]) }],
    ];
    for (const facts of bad) expect(joinFindings(claims, facts)).toBeUndefined();
    expect(joinFindings(claims, [head, tail])).toBeDefined();
  });

  it("are never made of a file that is not the claimed one", () => {
    const { columns } = findings();
    columns.digests[0] = (columns.digests[0] ?? 0) ^ 1;
    expect(() => encodeFindings(claims, new FindingTable(columns), { first: 0, end: ROWS })).toThrow(
      TypeError,
    );
  });
});

describe("the key of a verdict", () => {
  it("is the digest that sha256sum gives of its own lines, in any order of files", () => {
    const files = new Map([
      ["b.json", Buffer.from("beta\n")],
      ["a.json", Buffer.from("alpha\n")],
    ]);
    // printf 'alpha\n' > a.json; printf 'beta\n' > b.json; sha256sum a.json b.json | sha256sum
    const key = Buffer.from(artifactsDigest(files)).toString("hex");
    expect(key).toBe(KEY);
    expect(Buffer.from(artifactsDigest(new Map([...files].reverse()))).toString("hex")).toBe(KEY);
    expect(Buffer.from(artifactsDigest(new Map([...files].slice(1)))).toString("hex")).not.toBe(KEY);
  });
});
