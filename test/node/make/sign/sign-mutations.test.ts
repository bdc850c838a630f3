import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openKeyFile } from "../../../../src/node/keys/key-file.ts";
import { sealUnsigned } from "../../../../src/node/make/seal/seal-outputs.ts";
import { openUnsigned, signUnsigned } from "../../../../src/node/make/sign/sign-unsigned.ts";
import { FIRST_SEED } from "../../../support/bundles/bundle.ts";
import { makeFolder, removeTree, snapshotTree } from "../../../support/files/tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

const folder = makeFolder();
const template = join(folder, "template");
const key = join(folder, "key");
const UNSIGNED = ".runseal/unsigned/new";
const SEALED_AT = 1_764_032_523;

/** What a failed signing may leave: packs, which `prune` removes. */
const PACKS = /^\.runseal(?:\/packs(?:\/.*)?)?$/;

beforeAll(async () => {
  mkdirSync(join(template, "out/deep"), { recursive: true });
  writeFileSync(join(template, "out/a.txt"), "alpha\n");
  writeFileSync(join(template, "out/deep/b.txt"), "beta\n");
  symlinkSync("a.txt", join(template, "out/link"));
  mkdirSync(join(template, "out/hollow"));
  writeFileSync(key, `${FIRST_SEED}\n`, { mode: 0o600 });
  const sealed = await sealUnsigned({
    root: template,
    cwd: template,
    paths: ["out"],
    runId: "new",
    now: SEALED_AT,
    names: "portable",
  });
  if (!sealed.ok) throw new Error(sealed.code);
});

afterAll(() => removeTree(folder));

/** Something that an attacker does to one file. */
type Change = (path: string) => void;

const CHANGES: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(
    ([at, mask]): Change =>
      (path) => {
        const bytes = readFileSync(path);
        if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ mask;
        writeFileSync(path, bytes);
      },
  ),
  fc.string({ minLength: 1, maxLength: 8 }).map(
    (text): Change =>
      (path) =>
        appendFileSync(path, text),
  ),
  // Shorter than each of the files.
  fc.nat({ max: 4 }).map(
    (length): Change =>
      (path) =>
        truncateSync(path, length),
  ),
  fc.constant<Change>((path) => rmSync(path)),
  fc.constant<Change>((path) => {
    rmSync(path);
    mkdirSync(path);
  }),
  fc.constant<Change>((path) => {
    const moved = join(folder, "moved");
    cpSync(path, moved, { force: true });
    rmSync(path);
    symlinkSync(moved, path);
  }),
  // Beside an output, that is another file that was not sealed.
  fc.constant<Change>((path) => (path.includes(UNSIGNED) ? writeFileSync(`${path}~`, "") : rmSync(path))),
);

/** Files whose every change matters: TASK_SPEC.json is the sealer's free text, which nothing else names. */
function targets(): readonly string[] {
  const artifacts = readdirSync(join(template, UNSIGNED)).filter((name) => name !== "TASK_SPEC.json");
  return [...artifacts.map((name) => join(UNSIGNED, name)), "out/a.txt", "out/deep/b.txt"];
}

async function sign(root: string): Promise<string> {
  const opened = openUnsigned({ root, unsigned: { kind: "id", runId: "new" }, now: SEALED_AT + 60 });
  if (!opened.ok) return opened.code;
  using open = opened.value;
  const signer = await openKeyFile(key, key);
  if (!signer.ok) return signer.code;
  using mine = signer.value;
  const signed = await signUnsigned(open, { signer: mine });
  return signed.ok ? "OK" : signed.code;
}

it("signs the folder as it was sealed", async () => {
  const root = join(folder, "whole");
  cpSync(template, root, { recursive: true, verbatimSymlinks: true });
  expect(await sign(root)).toBe("OK");
});

it("signs nothing that changed, never throws, and leaves what it was given as it is", async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), CHANGES, async (which, change) => {
      const root = join(folder, String(number++));
      cpSync(template, root, { recursive: true, verbatimSymlinks: true });
      const files = targets();
      const target = files[which % files.length] ?? "";
      change(join(root, target));
      const before = snapshotTree(root);
      const code = await sign(root);
      expect(code).not.toBe("OK");
      const after = [...snapshotTree(root)].filter(([path]) => before.has(path) || !PACKS.test(path));
      expect(new Map(after)).toEqual(before);
      removeTree(root);
    }),
    { numRuns: runs(400) },
  );
});
