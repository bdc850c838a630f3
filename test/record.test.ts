import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { makeFolder, removeTree } from "./support/files/tree.ts";
import { compareRecords } from "./support/record/compare-records.mjs";
import { listFolder } from "./support/record/listing.ts";
import { Masks, spread } from "./support/record/masks.ts";
import { inTest, recorded } from "./support/record/recorder.ts";

const now = Date.now();

/** One text as two runs show it. */
function textOf(run: 0 | 1): Readonly<Record<string, string>> {
  const digit = run === 0 ? "4" : "b";
  const moment = new Date(now - run * 86_400_000);
  const body = Buffer.alloc(90, `Signature${digit}${run}`).toString("base64");
  return {
    folder: `saved as /tmp/runseal-test-ab${digit}XyZ/project/out`,
    "folder in memory": `${run === 0 ? "/dev/shm" : "/tmp"}/runseal-test-ab${digit}XyZ: is absent`,
    digest: `hash ${digit.repeat(64)}`,
    "short key id": `signer ${digit.repeat(8)} default`,
    "staging name": `.spectrum06_staging_${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`,
    minisign: `minisign public key ${digit.toUpperCase().repeat(16)}`,
    base64: `"sig":"${Buffer.alloc(64, `k${run}`).toString("base64")}"`,
    fingerprint: `SHA256:${Buffer.alloc(32, `Key${run}`).toString("base64").slice(0, 43)}`,
    pem: `-----BEGIN SSH SIGNATURE-----\n${body.slice(0, 70)}\n${body.slice(70)}\n-----END SSH SIGNATURE-----`,
    "pem in JSON": `"-----BEGIN PUBLIC KEY-----\\n${body.slice(0, 20)}\\n-----END PUBLIC KEY-----"`,
    second: `sealed ${moment.toISOString().slice(0, 19)}Z`,
    minute: `${moment.toISOString().slice(0, 16).replace("T", " ")}`,
    seconds: `"at":${Math.floor(moment.getTime() / 1000)},`,
    milliseconds: `"at":${moment.getTime()},`,
    "run id": `${moment.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z-0a${digit}1`,
    "second of an allowed signer": `revoked="${moment.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z"`,
    "folder of an object": `.runseal/objects/${digit}f/${digit.repeat(64)}`,
    "free bytes": `half of the 25,266,${run}07,072 bytes that are free`,
    duration: `{"seconds": 0.00${run}}`,
    "random number": `report-0.43330797${"2056167".slice(run)}.html`,
    port: `no answer from http://127.0.0.1:4${run}071/v2`,
    process: `open for writing in process 4${run}7`,
    descriptor: `open '/proc/20${run}93/fd/2${run}/runs'`,
    stack: `{"stack": "Error: \\"x\\" at f (file.js:1${run}:2)", "code": 1}`,
    chance: run === 0 ? "" : "listed /tmp/runseal-test-abcdef/home/.local/state/runseal/objects\n",
  };
}

/** Several of them in one file. */
function mixed(run: 0 | 1): string {
  const text = textOf(run);
  return ["digest", "base64", "pem", "second", "run id"].map((name) => text[name]).join("\n");
}

describe("a record of two runs of one build is the same", () => {
  it.each(Object.keys(textOf(0)))("whatever they show as %s", (name) => {
    const [one = "", other = ""] = [textOf(0)[name], textOf(1)[name]];
    expect(one).not.toBe(other);
    expect(new Masks().mask(one)).toBe(new Masks().mask(other));
  });

  it("lists folders alike that differ in keys, moments and what the clock decides", () => {
    const listings = ([0, 1] as const).map((run) => {
      const folder = makeFolder();
      const remembered = join(folder, "home/.local/state/runseal/objects");
      if (run === 1) mkdirSync(remembered, { recursive: true });
      else mkdirSync(join(remembered, ".."), { recursive: true });
      writeFileSync(join(folder, `${"ab"[run]}`.repeat(64)), mixed(run));
      symlinkSync(folder, join(folder, "link"));
      const { lines } = listFolder(folder);
      removeTree(folder);
      return lines;
    });
    expect(listings[0]).toHaveLength(6);
    expect(listings[0]).toEqual(listings[1]);
  });
});

describe("a record keeps", () => {
  const keeps = (text: string): void => expect(new Masks().mask(text)).toBe(text);

  it("words, sizes, versions and exit codes", () =>
    keeps("error: BUNDLE_MISSING: 1,234 of 5678901 bytes, decade 0.1.0, run one, exit 7"));

  it("moments that a test chose", () => keeps("2023-11-14T22:13:20Z 1700000000 4102444800"));

  it("long paths", () => keeps(`${"folder/".repeat(20)}file`));

  it("that two places show the same value", () => {
    const [one, other] = ["4".repeat(64), "b".repeat(64)];
    expect(new Masks().mask(`${one} ${other} ${one}`)).toBe("<hex 1> <hex 2> <hex 1>");
    expect(new Masks().mask(`${one} ${other} ${other}`)).toBe("<hex 1> <hex 2> <hex 2>");
  });

  it("digests of files that each run makes alike, and no others", () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "out"), "alpha\n");
    writeFileSync(join(folder, "key"), "4".repeat(64));
    const { digests } = listFolder(folder);
    removeTree(folder);
    expect(digests).toHaveLength(1);
    const text = `out ${digests[0]}`;
    expect(new Masks(digests).mask(text)).toBe(text);
  });

  it("bytes, modes and kinds of files", () => {
    const folder = makeFolder();
    const list = (): string => listFolder(folder).lines.join();
    const file = join(folder, "file");
    writeFileSync(file, Uint8Array.of(0, 255));
    chmodSync(file, 0o644);
    const seen = [list()];
    chmodSync(file, 0o600);
    seen.push(list());
    writeFileSync(file, Uint8Array.of(0, 254));
    seen.push(list());
    rmSync(file);
    symlinkSync("elsewhere", file);
    seen.push(list());
    removeTree(folder);
    expect(new Set(seen).size).toBe(4);
  });

  it("each member of a JSON object on its own line", () =>
    expect(spread('said\n{"ok":true,"code":"OK"}\n{no}\n')).toBe(
      'said\n{\n "ok": true,\n "code": "OK"\n}\n{no}\n',
    ));
});

/** Calls as two tests at once make them, each in a folder of its own, and the record of them. */
async function recordOf(stderr: string): Promise<string> {
  const record = makeFolder();
  vi.stubEnv("RUNSEAL_RECORD", record);
  const call = async (): Promise<void> => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "out"), "alpha\n");
    await recorded(["verify", cwd], { cwd, env: {} }, async () => ({ exitCode: 1, stdout: "", stderr }));
    removeTree(cwd);
  };
  try {
    const twice = async (): Promise<void> => {
      await call();
      await call();
    };
    await Promise.all([inTest("one", twice), inTest("two", twice)]);
    return readFileSync(join(record, "calls.jsonl"), "utf8");
  } finally {
    vi.unstubAllEnvs();
    removeTree(record);
  }
}

describe("a comparison of two records", () => {
  it("finds nothing where the same tests called in another order", async () => {
    const record = await recordOf("error: BUNDLE_MISSING: no bundle\n");
    const reversed = record.trimEnd().split("\n").reverse().join("\n");
    expect(record.match(/"key":"\w+ #\d"/g)?.sort()).toEqual(
      ["one #1", "one #2", "two #1", "two #2"].map((key) => `"key":"${key}"`),
    );
    expect(compareRecords(record, reversed)).toEqual([]);
  });

  it("shows each call whose message differs", async () => {
    const differences = compareRecords(await recordOf("no bundle\n"), await recordOf("no bundles\n"));
    expect(differences).toHaveLength(4);
    expect(differences[0]).toBe("differs: one #1\n@@ -7,3 +7,3 @@\n == stderr\n-no bundle\n+no bundles\n");
  });

  it("names calls that only one of them has", async () => {
    const record = await recordOf("");
    const lines = record.trimEnd().split("\n").sort();
    expect(compareRecords(record, lines.slice(1).join("\n"))).toEqual(["missing: one #1\n"]);
    expect(compareRecords(lines.slice(1).join("\n"), record)).toEqual(["new: one #1\n"]);
  });
});
