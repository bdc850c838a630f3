import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  FIRST_SEED,
  SECOND_SEED,
  sealBundle,
  testSigner,
  writeBundle,
} from "../../support/bundles/bundle.ts";
import {
  COUNTERSIGNED_AT,
  countersignatureOf,
  countersignaturesFile,
} from "../../support/bundles/countersign.ts";
import { type Facts, modeOf, namesIn, Project } from "../../support/command/cli.ts";

const FIRST = testSigner(FIRST_SEED);
const SECOND = testSigner(SECOND_SEED);
const KEY = `runseal-ed25519 ${FIRST.publicKeyHex}`;
const OTHER_KEY = `runseal-ed25519 ${SECOND.publicKeyHex}`;
const BUNDLE = sealBundle({ bind: true });

/** A project with a bound bundle by the first key, a trust file, and countersignatures. */
function makeScene(trust: string, countersignatures?: Uint8Array): Project {
  const project = new Project();
  const { bundle } = writeBundle(project.root, BUNDLE);
  project.write({ "signers.txt": trust });
  if (countersignatures !== undefined) {
    writeFileSync(join(bundle, "COUNTERSIGNATURES.json"), countersignatures);
  }
  return project;
}

const VERIFY = ["verify", "run/run-001", "--files", "files", "--trust", "signers.txt"];

function trustOf(facts: Facts): Facts {
  return facts["trust"] as Facts;
}

describe.concurrent("verify with a trust file: every decision (PROTOCOL 12)", () => {
  it.each([
    ["trusted", "OK", `alice ${KEY}`, "signers.txt line 1 trusts the key as alice"],
    ["revoked", "SIGNER_REVOKED", `# once\nalice revoked ${KEY}`, "signers.txt line 2 revokes the key"],
    [
      "revoked from later on",
      "SIGNER_REVOKED",
      `alice revoked=20261126 ${KEY}`,
      "from 2026-11-26T00:00:00Z on",
    ],
    [
      "unmet",
      "SIGNER_THRESHOLD_UNMET",
      `alice ${KEY}\nbob ${OTHER_KEY}\n[require 2 of alice,bob]`,
      "missing: bob",
    ],
  ])("%s gives %s", async (_what, code, trust, reason) => {
    using project = makeScene(trust);
    const ok = code === "OK";
    const facts = await project.json(VERIFY);
    expect(facts).toMatchObject({
      ok,
      code,
      phase: ok ? null : "trust",
      exit_code: ok ? 0 : 3,
      verdict: { ok: true, code: "OK" },
      trust: { ok, code },
    });
    expect(trustOf(facts)["reason"]).toContain(reason);
    const { exitCode, stderr } = await project.run(VERIFY);
    expect(exitCode).toBe(ok ? 0 : 3);
    if (!ok) expect(stderr).toContain(`${code}: the bundle is sound, but `);
  });
});

describe.concurrent("thresholds at the command line (PROTOCOL 12)", () => {
  const TWO = `alice ${KEY}\nbob ${OTHER_KEY}\n[require 2 of alice,bob]\n`;
  const right = countersignaturesFile(countersignatureOf(SECOND_SEED, BUNDLE));
  const forged = countersignaturesFile(countersignatureOf(SECOND_SEED, { bundleRoot: "0".repeat(64) }));

  it("that are met make verify, verify --history and restore succeed, and name the countersigner", async () => {
    using project = makeScene(TWO, right);
    const facts = await project.json(VERIFY);
    expect(facts).toMatchObject({ ok: true, exit_code: 0 });
    expect(trustOf(facts)["countersigners"]).toEqual([
      {
        ok: true,
        code: "OK",
        reason: "signers.txt line 2 trusts the key as bob",
        name: "bob",
        key_id: SECOND.validatorId.slice(0, 8),
        validator_id: SECOND.validatorId,
        public_key: SECOND.publicKeyHex,
        signed_at: COUNTERSIGNED_AT,
      },
    ]);
    const { stdout } = await project.done(VERIFY);
    expect(stdout).toContain(
      `counter  ${SECOND.validatorId.slice(0, 8)} bob at ${COUNTERSIGNED_AT}: signers.txt line 2`,
    );
    await project.done([...VERIFY, "--history"]);
    await project.done(["restore", "run/run-001", "--to", "new", "--mkdir", ...VERIFY.slice(2)]);
  });

  it.each([
    ["without a file", undefined],
    ["with garbage", Buffer.from("garbage")],
    ["with one for another bundle", forged],
  ])(
    "that are unmet %s refuse verify, verify --history and restore with exit code 3",
    async (_what, file) => {
      using project = makeScene(TWO, file);
      for (const command of [VERIFY, [...VERIFY, "--history"]]) {
        expect(await project.json(command)).toMatchObject({
          code: "SIGNER_THRESHOLD_UNMET",
          exit_code: 3,
          verdict: { ok: true },
        });
      }
      const restore = ["restore", "run/run-001", "--to", "new", "--mkdir", ...VERIFY.slice(2)];
      expect(await project.json(restore)).toMatchObject({
        code: "RESTORE_VERIFY_STRICT_FAILED",
        details: { verifier_code: "SIGNER_THRESHOLD_UNMET" },
        exit_code: 3,
      });
      expect(namesIn(project.at("new"))).toEqual([]);
    },
  );

  it("say why a countersignature does not count, in text and JSON", async () => {
    using project = makeScene(TWO, forged);
    const facts = await project.json(VERIFY);
    expect(trustOf(facts)["countersigners"]).toMatchObject([
      { ok: false, code: "COUNTERSIGNATURE_INVALID", entry: 1 },
    ]);
    const { stdout } = await project.run(VERIFY);
    expect(stdout).toContain("counter  does not count: the signature of entry 1");
  });

  it.skipIf(process.platform === "win32")("look at no countersignatures through a link", async () => {
    using project = makeScene(TWO);
    project.write({ "real.json": right });
    symlinkSync(project.at("real.json"), project.at("run", "run-001", "COUNTERSIGNATURES.json"));
    expect(trustOf(await project.json(VERIFY))["countersigners"]).toMatchObject([
      { ok: false, code: "COUNTERSIGNATURES_MALFORMED" },
    ]);
  });

  it("are nothing to --any-signer, which lists countersignatures unjudged", async () => {
    using project = makeScene(TWO, right);
    const facts = await project.json([...VERIFY.slice(0, 4), "--any-signer"]);
    expect(facts).toMatchObject({
      ok: true,
      trust: { code: "ANY_SIGNER", countersigners: [{ ok: false, code: null }] },
    });
  });
});

describe.concurrent("a revoked key (PROTOCOL 12)", () => {
  it.each(["20261125010204", "20200101"])(
    "is refused whatever time its bundle states: %s",
    async (moment) => {
      using project = makeScene(`alice revoked=${moment} ${KEY}`);
      const restore = ["restore", "run/run-001", "--to", "new", "--mkdir", ...VERIFY.slice(2)];
      for (const command of [VERIFY, [...VERIFY, "--history"], restore]) {
        expect(await project.json(command)).toMatchObject({ ok: false, exit_code: 3 });
      }
    },
  );
});

describe.concurrent("runseal trust list", () => {
  it("shows number, key id, names and options of every line", async () => {
    using project = makeScene(
      `# people\nalice,build valid-after=20260101,bound ${KEY}\nbob revoked=20270101,namespaces="git,runseal" ${OTHER_KEY}\n[require 1 of alice,bob]\n`,
    );
    const list = ["trust", "list", "--trust", "signers.txt"];
    expect((await project.done(list)).stdout).toBe(
      `   2  ${FIRST.validatorId.slice(0, 8)}  alice,build  from 2026-01-01T00:00:00Z on, only bundles that sign their run id and time\n` +
        `   3  ${SECOND.validatorId.slice(0, 8)}  bob  revoked from 2027-01-01T00:00:00Z on, namespaces git,runseal\n` +
        "   4  require 1 of alice,bob\n",
    );
    expect(await project.json(list)).toMatchObject({
      lines: [
        {
          line: 2,
          names: ["alice", "build"],
          valid_after: "2026-01-01T00:00:00Z",
          revoked: false,
          bound: true,
        },
        { line: 3, names: ["bob"], revoked: true, revoked_at: "2027-01-01T00:00:00Z", bound: false },
      ],
      thresholds: [{ line: 4, need: 1, names: ["alice", "bob"] }],
    });
  });

  it("shows a stranger's names quoted", async () => {
    using project = makeScene(`"al\u202e[2Jice" ${KEY}\n`);
    const { stdout } = await project.done(["trust", "list", "--trust", "signers.txt"]);
    expect(stdout).toContain('"al\\u{202e}[2Jice"');
  });

  it("of the default file is empty when it is missing, and fails for a named file that is missing", async () => {
    using project = makeScene("");
    expect(await project.json(["trust", "list"])).toMatchObject({ ok: true, lines: [], thresholds: [] });
    expect(await project.json(["trust", "list", "--trust", "nowhere"])).toMatchObject({
      code: "TRUST_FILE_UNREADABLE",
      exit_code: 4,
    });
  });
});

describe.concurrent("runseal trust add and remove", () => {
  const MESSY = `\n# people  \r\n\tbob \t ${OTHER_KEY}   of old  \n\n   # end, without a line end`;

  it("make one's own trust file where there is none, and then trust", async () => {
    using project = makeScene("");
    await project.done(["trust", "add", "alice", FIRST.publicKeyHex]);
    expect(readFileSync(join(project.config, "runseal", "trust"), "utf8")).toBe(`alice ${KEY}\n`);
    expect(modeOf(join(project.config, "runseal"))).toBe("0700");
    await project.done(VERIFY.slice(0, 4));
  });

  it("give the same bytes back, keep the mode, and leave nothing beside", async () => {
    using project = makeScene(MESSY);
    chmodSync(project.at("signers.txt"), 0o640);
    await project.done(["trust", "add", "alice", FIRST.publicKeyHex, "--trust", "signers.txt"]);
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(`${MESSY}\nalice ${KEY}`);
    expect(modeOf(project.at("signers.txt"))).toBe("0640");
    await project.done(["trust", "remove", "alice", "--trust", "signers.txt"]);
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(MESSY);
    expect(modeOf(project.at("signers.txt"))).toBe("0640");
    expect(namesIn(project.root)).toEqual(["files", "run", "signers.txt"]);
  });

  it("take a key as it stands in a .pub file, with its comment", async () => {
    using project = makeScene("");
    const blob = Buffer.concat([
      Buffer.from("0000000b7373682d6564323535313900000020", "hex"),
      FIRST.publicKey,
    ]).toString("base64");
    const add = ["trust", "add", "alice", "ssh-ed25519", blob, "alice's", "laptop", "--trust", "signers.txt"];
    expect(await project.json(add)).toMatchObject({ added: { line: 1, public_key: FIRST.publicKeyHex } });
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(`alice ssh-ed25519 ${blob}\n`);
  });

  it("write the options", async () => {
    using project = makeScene("");
    const options = [
      "--valid-after",
      "20260101",
      "--valid-before",
      "20270101",
      "--namespace",
      "runseal",
      "--bound",
    ];
    await project.done(["trust", "add", "alice", FIRST.publicKeyHex, ...options, "--trust", "signers.txt"]);
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(
      `alice valid-after="20260101",valid-before="20270101",namespaces="runseal",bound ${KEY}\n`,
    );
    await project.done(VERIFY);
  });

  it("remove a key with all its lines, and a name with all of its, and say which", async () => {
    using project = makeScene(`alice ${KEY}\nbob ${OTHER_KEY}\nalice,build bound ${KEY}\n`);
    const facts = await project.json(["trust", "remove", FIRST.publicKeyHex, "--trust", "signers.txt"]);
    expect(facts).toMatchObject({
      removed: [{ line: 1 }, { line: 3, names: ["alice", "build"] }],
      still_listed: [],
    });
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(`bob ${OTHER_KEY}\n`);
    const { stdout } = await project.done(["trust", "remove", "bob", "--trust", "signers.txt"]);
    expect(stdout).toContain(`   1  ${SECOND.validatorId.slice(0, 8)}  bob\n`);
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe("");
  });

  it("checks the key of a name, if one key alone has it", async () => {
    using project = makeScene(`alice ${KEY}\nteam,bob ${OTHER_KEY}\nteam ${KEY}\n`);
    const check = async (name: string): Promise<Facts> =>
      await project.json(["trust", "check", name, "--trust", "signers.txt"]);
    expect(await check("alice")).toMatchObject({ ok: true, signer: { name: "alice" } });
    expect(await check("bob")).toMatchObject({ ok: true, signer: { name: "team" } });
    expect(await check("team")).toMatchObject({ code: "USAGE", exit_code: 2 });
  });

  it("adds the line that init prints, as one text, and is done where the file says the same already", async () => {
    using project = makeScene("# who\n");
    const add = (...words: readonly string[]): readonly string[] => [
      "trust",
      "add",
      ...words,
      "--trust",
      "signers.txt",
    ];
    expect(await project.json(add(`alice ${KEY}`))).toMatchObject({
      message: "added",
      added: { names: ["alice"] },
    });
    const after = readFileSync(project.at("signers.txt"), "utf8");
    expect(after).toBe(`# who\nalice ${KEY}\n`);
    expect(await project.json(add("alice", KEY))).toMatchObject({
      ok: true,
      message: "already there",
      added: { line: 2, names: ["alice"] },
    });
    expect(await project.json(add("bob", KEY))).toMatchObject({ code: "TRUST_LINE_REFUSED", exit_code: 4 });
    expect(await project.json(add(`alice ${KEY}`, "--bound"))).toMatchObject({ code: "TRUST_LINE_REFUSED" });
    expect((await project.run(add("alice"))).stderr).toContain("trust add takes a name and a key");
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(after);
  });

  it("require several signers by one more line, and keep every other byte", async () => {
    using project = makeScene(`# who\r\nalice ${KEY}\nbob ${OTHER_KEY}`);
    const before = readFileSync(project.at("signers.txt"), "utf8");
    await project.done(VERIFY);
    const require = ["trust", "require", "2", "of", "bob,alice", "--trust", "signers.txt"];
    expect(await project.json(require)).toMatchObject({
      code: "OK",
      added: { line: 4, need: 2, names: ["bob", "alice"] },
    });
    const after = `${before}\r\n[require 2 of bob,alice]`;
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(after);
    expect(await project.json(VERIFY)).toMatchObject({ code: "SIGNER_THRESHOLD_UNMET" });
    const again = ["trust", "require", "2", "of", "alice,bob", "--trust", "signers.txt"];
    expect((await project.run(again)).stderr).toMatch(
      /^error: TRUST_LINE_REFUSED: .* line 4 has that already, for bob,alice; nothing was changed\nhint: runseal trust list shows the line: edit or remove it by hand/,
    );
    const unmet = ["trust", "require", "3", "of", "alice,bob", "--trust", "signers.txt"];
    expect(await project.json(unmet)).toMatchObject({ code: "TRUST_LINE_REFUSED", exit_code: 4 });
    const unknown = await project.run(["trust", "require", "1", "of", "qa", "--trust", "signers.txt"]);
    expect(unknown.stderr).toContain(
      "hint: A [require …] line counts signers that the file lists: runseal trust add",
    );
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe(after);
  });

  it("say so when a removed revocation brings a key back", async () => {
    using project = makeScene(`alice ${KEY}\nmallory revoked ${KEY}\n`);
    const { stdout } = await project.done(["trust", "remove", "mallory", "--trust", "signers.txt"]);
    expect(stdout).toContain("note: the same key is still listed");
  });

  it.skipIf(process.platform === "win32")("change the file behind a link, and leave the link", async () => {
    using project = makeScene("");
    mkdirSync(project.at("dotfiles"));
    project.write({ "dotfiles/trust": `bob ${OTHER_KEY}\n` });
    symlinkSync("dotfiles/trust", project.at("link"));
    await project.done(["trust", "add", "alice", FIRST.publicKeyHex, "--trust", "link"]);
    expect(readFileSync(project.at("dotfiles", "trust"), "utf8")).toBe(`bob ${OTHER_KEY}\nalice ${KEY}\n`);
    expect(namesIn(project.at("dotfiles"))).toEqual(["trust"]);
  });
});

describe.concurrent("runseal trust add and remove with hostile text", () => {
  it.each([
    ["name", ["al\rice"], []],
    ["pattern", ["alice"], ["--namespace", "run\rseal"]],
    ["list of patterns", ["alice"], ["--namespace", `${"x,".repeat(64)}x`]],
    ["list of 66,001 bytes of names", [`${"a,".repeat(33_000)}a`], []],
  ])("add refuses to write a bad %s", async (_what, names, options) => {
    using project = makeScene("");
    const words = ["trust", "add", ...names, FIRST.publicKeyHex, ...options, "--trust", "signers.txt"];
    expect((await project.run(words)).exitCode).toBe(2);
    expect(readFileSync(project.at("signers.txt"), "utf8")).toBe("");
  });
});
