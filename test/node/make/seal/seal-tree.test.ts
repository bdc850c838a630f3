import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sortUtf8 } from "../../../../src/core/system/bytes/utf8.ts";
import { SecretKeySigner } from "../../../../src/node/keys/secret-key-signer.ts";
import {
  type SealedBundle,
  type SealRequest,
  sealOutputs,
} from "../../../../src/node/make/seal/seal-outputs.ts";
import type { Progress } from "../../../../src/node/system/runtime/progress.ts";
import { secretOf } from "../../../support/bundles/keys.ts";
import { layOutEntries } from "../../../support/bundles/laid-tree.ts";
import { anyEntries } from "../../../support/bundles/output-trees.ts";
import { makeFolder, removeTree } from "../../../support/files/tree.ts";
import { fc, runs } from "../../../support/rings/properties.ts";

let root: string;

beforeEach(() => {
  root = makeFolder();
});

afterEach(() => removeTree(root));

async function seal(
  request: Partial<SealRequest> & { readonly paths: readonly string[] },
): Promise<Awaited<ReturnType<typeof sealOutputs>>> {
  using seed = secretOf(new Uint8Array(32).fill(7));
  using signer = new SecretKeySigner(seed);
  return await sealOutputs({
    cwd: root,
    root,
    names: "posix",
    runId: "one",
    now: 1_700_000_000,
    out: join(root, "bundles"),
    signer,
    ...request,
  });
}

type Json = Readonly<Record<string, unknown>>;

function artifact({ bundle }: SealedBundle, name: string): Json {
  return JSON.parse(readFileSync(join(bundle, name), "utf8")) as Json;
}

/** What lstat and readlink say of everything below a folder, as OUTPUT_TREE.json and OUTPUT_HASHES.json name it. */
function look(folder: string): { readonly files: readonly string[]; readonly tree: Json } {
  const [files, links, empty, programs]: string[][] = [[], [], [], []];
  const visit = (path: string): void => {
    const stats = lstatSync(join(root, path));
    if (stats.isSymbolicLink()) links?.push(path);
    else if (stats.isFile()) {
      files?.push(path);
      if ((stats.mode & 0o100) !== 0) programs?.push(path);
    } else {
      const names = readdirSync(join(root, path));
      if (names.length === 0) empty?.push(path);
      for (const name of names) visit(`${path}/${name}`);
    }
  };
  visit(folder);
  const target = (path: string): object => ({ path, target: readlinkSync(join(root, path)) });
  return {
    files: sortUtf8(files ?? []),
    tree: {
      version: 1,
      kind: "outputs",
      scope: [folder],
      ignored: [],
      modes: programs?.length === 0 ? {} : { "755": sortUtf8(programs ?? []) },
      folder_modes: {},
      empty_folders: sortUtf8(empty ?? []),
      links: sortUtf8(links ?? []).map(target),
      left_out: [],
    },
  };
}

describe("a sealed tree", () => {
  it("is exactly what was there, for any files, modes, links and empty folders", async () => {
    await fc.assert(
      fc.asyncProperty(anyEntries, fc.nat({ max: 0o777 }), async (entries, mode) => {
        removeTree(root);
        layOutEntries(join(root, "t"), entries, mode);
        const expected = look("t");
        const sealed = await seal({ paths: ["t"], links: "any" });
        if (!sealed.ok) return expect.unreachable(sealed.message);
        expect(artifact(sealed.value, "OUTPUT_TREE.json")).toEqual(expected.tree);
        expect(Object.keys(artifact(sealed.value, "OUTPUT_HASHES.json")["hashes"] as Json)).toEqual(
          expected.files,
        );
      }),
      { numRuns: runs(400) },
    );
  });
});

/** Acts once, when files begin to be hashed: after the walk, and before links and folders are looked at again. */
function whenHashing(act: () => void): Progress {
  let isDone = false;
  return {
    begin: (phase) => {
      if (phase !== "hash" || isDone) return;
      isDone = true;
      act();
    },
    beginWhole: () => undefined,
    end: () => undefined,
  };
}

describe("a seal of a tree that changes meanwhile", () => {
  beforeEach(() => {
    mkdirSync(join(root, "t/empty"), { recursive: true });
    mkdirSync(join(root, "t/d"));
    writeFileSync(join(root, "t/file"), "x");
    symlinkSync("x", join(root, "t/d/link"));
  });

  const at = (path: string): string => join(root, "t", path);
  const relink = (target: string): void => {
    symlinkSync(target, unlinked(at("d/link")));
  };

  it.each([
    ["a link with another target", "t/d/link", () => relink("y")],
    ["a link with a target that is not UTF-8", "t/d/link", () => relinkBytes(at("d/link"))],
    ["a link that is gone", "t/d/link", () => rmSync(at("d/link"))],
    ["a file in a link's place", "t/d/link", () => copyFileSync(at("file"), unlinked(at("d/link")))],
    ["a folder that is gone, with the link in it", "t/d/link", () => renameSync(at("d"), at("e"))],
    [
      "a link in the place of the folder above a link",
      "t/d/link",
      () => symlinkSync("e", moved(at("d"), at("e"))),
    ],
    ["a file in an empty folder", "t/empty", () => writeFileSync(at("empty/new"), "")],
    ["a folder in an empty folder", "t/empty", () => mkdirSync(at("empty/new"))],
    ["an empty folder that is gone", "t/empty", () => rmdirSync(at("empty"))],
    [
      "a link in the place of an empty folder",
      "t/empty",
      () => symlinkSync("d", moved(at("empty"), at("e"))),
    ],
  ])("fails for %s", async (_what, path, act) => {
    const sealed = await seal({ paths: ["t"], progress: whenHashing(act) });
    expect(sealed).toMatchObject({ ok: false, code: "CHANGED_WHILE_READ", details: { path } });
    expect(readdirSync(root)).toEqual(["t"]);
  });

  it("fails for a file that is reached through a link", async () => {
    writeFileSync(at("d/file"), "");
    const act = (): void => symlinkSync("e", moved(at("d"), at("e")));
    rmSync(at("d/link"));
    const sealed = await seal({ paths: ["t"], progress: whenHashing(act) });
    expect(sealed).toMatchObject({ ok: false, code: "CHANGED_WHILE_READ", details: { path: "t/d/file" } });
  });

  it("does not mind what is ignored or left out", async () => {
    const act = (): void => {
      writeFileSync(at("empty/a.log"), "");
      chmodSync(at("empty"), 0o700);
    };
    const sealed = await seal({ paths: ["t"], ignore: ["*.log"], progress: whenHashing(act) });
    expect(sealed).toMatchObject({ ok: true, value: { tree: { links: 1, emptyFolders: 1 } } });
  });
});

/** Removes an entry and gives its address. */
function unlinked(address: string): string {
  rmSync(address);
  return address;
}

/** Moves an entry and gives its old address. */
function moved(from: string, to: string): string {
  renameSync(from, to);
  return from;
}

function relinkBytes(address: string): void {
  symlinkSync(Buffer.from("\xff", "latin1"), unlinked(address));
}
