import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BUNDLE, makeSealedProject, modeOf, namesIn, type Project } from "../../support/command/cli.ts";
import { entriesOf, indexOf, MIB, packOf, recordOf, sha256 } from "../../support/store/pack-bytes.mjs";

const PACKS = ".runseal/packs";
const VERIFY = ["verify", BUNDLE, "--stored"];
const RESTORE = ["restore", BUNDLE, "--to", "../new", "--mkdir"];

/** What makes a restore look into the store. */
const MOVED_ON = { "out/a.txt": "other\n", "out/b.txt": "other\n" };

/** The address of the only file whose name ends so. */
function only(project: Project, end: "pack" | "idx"): string {
  const [name = "", ...others] = namesIn(project.at(PACKS)).filter((each) => each.endsWith(`.${end}`));
  expect(others).toEqual([]);
  return project.at(`${PACKS}/${name}`);
}

function overwrite(address: string, change: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(address);
  chmodSync(address, 0o644);
  writeFileSync(address, change(bytes));
}

/** Puts packs of these records in the place of the project's. */
function replacePacks(project: Project, ...packs: readonly (readonly Buffer[])[]): void {
  for (const name of namesIn(project.at(PACKS))) rmSync(project.at(`${PACKS}/${name}`));
  for (const records of packs) {
    const { bytes, id } = packOf(records);
    writeFileSync(project.at(`${PACKS}/${id}.pack`), bytes);
    writeFileSync(project.at(`${PACKS}/${id}.idx`), indexOf(id, entriesOf(records)));
  }
}

/** Verifies and restores, which both have to give everything. */
async function expectWhole(project: Project): Promise<void> {
  expect(await project.json(VERIFY)).toMatchObject({
    ok: true,
    code: "OK",
    source: "store",
    files: 2,
    bytes: 11,
  });
  project.write(MOVED_ON);
  await project.done(RESTORE);
  expect(readFileSync(join(project.folder, "new/out/a.txt"), "utf8")).toBe("alpha\n");
  expect(readFileSync(join(project.folder, "new/out/b.txt"), "utf8")).toBe("beta\n");
}

/** Verifies and restores: both have to name the code, and to write nothing. */
async function expectRefusal(project: Project, exitCode: number, code: string): Promise<void> {
  const end = await project.changesNothing(VERIFY);
  expect(end, end.stderr).toMatchObject({ exitCode });
  expect(end.stderr).toMatch(new RegExp(`^error: ${code}: `));
  const restored = await project.changesNothing(RESTORE);
  expect(restored, restored.stderr).toMatchObject({ exitCode: 5 });
  expect(restored.stderr).toMatch(new RegExp(`^error: RESTORE_VERIFY_STRICT_FAILED: .*${code}`));
}

describe.concurrent("outputs that are kept in a pack", () => {
  it("are verified and restored from it, though the root has moved on", async () => {
    using project = await makeSealedProject();
    project.write(MOVED_ON);
    expect(modeOf(only(project, "pack"))).toBe("0444");
    expect(modeOf(only(project, "idx"))).toBe("0444");
    await expectWhole(project);
  });

  it.each<[string, (index: string) => void]>([
    ["is missing", (index) => rmSync(index)],
    ["has a wrong entry and a right checksum", (index) => overwrite(index, () => lyingIndex(index))],
  ])("are verified and restored if the index %s, and it stays so", async (_what, change) => {
    using project = await makeSealedProject();
    const index = only(project, "idx");
    chmodSync(index, 0o644);
    change(index);
    const before = namesIn(project.at(PACKS)).map((name) => [
      name,
      readFileSync(project.at(`${PACKS}/${name}`), "hex"),
    ]);
    await expectWhole(project);
    const after = namesIn(project.at(PACKS)).map((name) => [
      name,
      readFileSync(project.at(`${PACKS}/${name}`), "hex"),
    ]);
    expect(after).toEqual(before);
  });

  it("are READ_FAILED, not missing, if the system refuses to read their pack", async ({ skip }) => {
    using project = await makeSealedProject();
    project.write(MOVED_ON);
    chmodSync(only(project, "pack"), 0);
    if (!(await project.becomeOrdinaryUser())) skip("no ordinary user can run the program here");
    await expectRefusal(project, 4, "READ_FAILED");
  });

  it("are refused in little memory if records lie about their lengths", async () => {
    using project = await makeSealedProject();
    const peak = async (): Promise<number> => {
      const probe = `import{writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(process.env.PEAK,String(process.resourceUsage().maxRSS)))`;
      const file = join(project.folder, "peak");
      const env = {
        ...project.env,
        PEAK: file,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(probe)}`,
      };
      await project.run(VERIFY, { env, under: ["env"] });
      return Number(readFileSync(file, "utf8")) * 1024;
    };
    const plain = await peak();
    const lengths = { raw: 2 ** 31, stored: 2 ** 31 };
    replacePacks(
      project,
      ["alpha\n", "beta\n"].map((text) => recordOf(Buffer.alloc(10), { ...lengths, digest: sha256(text) })),
    );
    const end = await project.run(VERIFY);
    expect(end, end.stderr).toMatchObject({ exitCode: 4 });
    expect((await peak()) - plain).toBeLessThan(48 * MIB);
  });
});

/** The right index of the project's pack, but for one offset. */
function lyingIndex(index: string): Buffer {
  const pack = readFileSync(index.replace(/idx$/, "pack"));
  const first = pack.subarray(16, 16 + 56 + pack.readUInt32LE(16 + 16));
  const second = pack.subarray(16 + first.length, -56);
  const [one, two] = entriesOf([first, second]);
  if (one === undefined || two === undefined) throw new Error("two records");
  const id = index.slice(-68, -4);
  return indexOf(id, [{ ...one, offset: 17 }, two]);
}
