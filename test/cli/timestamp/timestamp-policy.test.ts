import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLE, makeSealedProject, type Project } from "../../support/command/cli.ts";
import { breachesOf } from "../../support/command/json-schemas.ts";
import { Authority, reasonWithoutAuthority, sequence, tlv } from "../../support/evidence/authority.ts";
import { type RunningServer, reply, serve } from "../../support/evidence/authority-server.ts";
import { hidingPem } from "../../support/evidence/hostile-tokens.ts";
import { timestampsFile } from "../../support/evidence/timestamps.ts";

const reason = reasonWithoutAuthority();
const DAY = 86_400_000;

/** A moment as a trust file has it. */
function momentOf(date: number): string {
  return new Date(date).toISOString().replaceAll(/[-:T]|\.\d{3}Z$/g, "");
}

describe.skipIf(reason !== undefined)(
  `the time of a timestamp${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let authority: Authority;
    const now = Date.now();

    beforeAll(() => {
      authority = new Authority();
    });
    afterAll(() => authority[Symbol.dispose]());

    /**
     * A project with a bundle, whose trust file has the signer with these options and the authority. The bundle was stamped so long after
     * it was sealed, or never.
     */
    async function makeScene(options: string, after?: number): Promise<Project> {
      const project = await makeSealedProject();
      const key = readFileSync(join(project.config, "runseal/keys/default.pub"), "utf8").replace(/^\S+ /, "");
      project.write({ trust: `alice ${options} ${key}${authority.line("ours")}` });
      const { signature } = JSON.parse(readFileSync(project.at(BUNDLE, "SIGNATURE.json"), "utf8")) as {
        signature: string;
      };
      if (after !== undefined) {
        const token = authority.forge(Buffer.from(signature, "hex"), { at: Date.now() + after });
        writeFileSync(project.at(BUNDLE, "TIMESTAMPS.json"), timestampsFile([token]));
      }
      return project;
    }

    const TRUST = ["--trust", "trust"];
    const SECOND_KEY = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
    /** Every command that judges a bundle by a trust policy, and how a refusal looks there. */
    const COMMANDS: readonly (readonly [name: string, args: readonly string[]])[] = [
      ["verify", ["verify", "one", ...TRUST]],
      ["verify --history", ["verify", "--history", ...TRUST]],
      ["verify --history of folders", ["verify", "--history", BUNDLE, "--files", ".", ...TRUST]],
      ["restore", ["restore", "one", "--to", "restored", "--mkdir", ...TRUST]],
      ["sign --counter", ["sign", "--counter", "one", "--key", "second.key", ...TRUST]],
    ];

    const revokedLater = (): string => `revoked="${momentOf(now + DAY)}"`;

    it.each(COMMANDS)(
      "lets %s accept a bundle that was stamped before its key was revoked",
      async (_name, args) => {
        using project = await makeScene(revokedLater(), 0);
        writeFileSync(project.at("second.key"), `${SECOND_KEY}\n`, { mode: 0o600 });
        expect(await project.json(args)).toMatchObject({ ok: true });
      },
    );

    it.each(COMMANDS)("lets %s refuse one that was stamped after it, or not at all", async (_name, args) => {
      const late = momentOf(now + 2 * DAY);
      for (const after of [3 * DAY, undefined]) {
        using project = await makeScene(`revoked="${late}"`, after);
        writeFileSync(project.at("second.key"), `${SECOND_KEY}\n`, { mode: 0o600 });
        const facts = await project.json(args);
        const details = facts["details"] as { verifier_code?: string };
        expect(details.verifier_code ?? facts["code"]).toBe("SIGNER_REVOKED");
        expect(facts["exit_code"]).toBe(3);
      }
    });

    it("is required by --require-timestamp, which --any-signer excludes", async () => {
      using project = await makeScene("bound");
      for (const args of [
        ["verify", "one"],
        ["verify", "--history"],
      ]) {
        const end = await project.json([...args, ...TRUST, "--require-timestamp"]);
        expect(end).toMatchObject({ code: "TIMESTAMP_REQUIRED", exit_code: 3 });
      }
      const restore = ["restore", "one", "--to", "r", "--mkdir", ...TRUST, "--require-timestamp"];
      expect(await project.json(restore)).toMatchObject({
        details: { verifier_code: "TIMESTAMP_REQUIRED" },
        exit_code: 3,
      });
      expect(await project.json(["verify", "one", "--any-signer", "--require-timestamp"])).toMatchObject({
        code: "USAGE",
      });
      using stamped = await makeScene("bound", 0);
      expect(await stamped.json(["verify", "one", ...TRUST, "--require-timestamp"])).toMatchObject({
        ok: true,
      });
    });

    it("stands in an attestation of the verdict that rests on it, and so does the demand for one", async () => {
      /** What an attestation says besides the predicate's own members. */
      const attested = async (project: Project, ...options: readonly string[]): Promise<unknown> => {
        rmSync(project.at("v.json"), { force: true });
        await project.done(["export", "one", "--format", "verdict", ...TRUST, "-o", "v.json", ...options]);
        const { payload } = JSON.parse(readFileSync(project.at("v.json"), "utf8")) as { payload: string };
        const { predicate } = JSON.parse(Buffer.from(payload, "base64").toString()) as {
          predicate: Readonly<Record<string, unknown>>;
        };
        const own = predicate["https://unpkg.com/runseal/schemas/verdict-v1.json"];
        expect(breachesOf("verdict-v1", own)).toEqual([]);
        return own;
      };
      using stamped = await makeScene(revokedLater(), 0);
      const { time } = (await stamped.json(["verify", "one", ...TRUST])) as {
        time: { before: string; not_after: string };
      };
      const said = {
        authority: "ours",
        before: time.before,
        certificate: authority.digest("ca"),
        notAfter: time.not_after,
      };
      const plain = await attested(stamped);
      expect(plain).toHaveProperty("time", said);
      expect(plain).not.toHaveProperty("requireTimestamp");
      expect(await attested(stamped, "--require-timestamp")).toMatchObject({
        time: said,
        requireTimestamp: true,
      });
      using without = await makeScene("bound");
      expect(await attested(without)).not.toHaveProperty("time");
      using foreign = await makeScene("bound", 0);
      foreign.write({ trust: readFileSync(foreign.at("trust"), "utf8").replace(/^\[.*$/m, "") });
      expect(await attested(foreign)).not.toHaveProperty("time");
    });

    it("takes trust away if it is late, with a warning of timestamp, and beside an early one changes nothing", async () => {
      await using server = await startAuthority();
      const stamp = ["sign", "--time", "one", ...TRUST, "--tsa", server.url];
      // The signer's time is before that moment, and the authority's is not.
      const ends = momentOf(now + DAY);
      using project = await makeScene(`valid-before="${ends}"`);
      expect(await project.json(["verify", "one", ...TRUST])).toMatchObject({ ok: true });
      const { exitCode, stderr } = await project.run(stamp);
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(/^warning: the trust file trusted the bundle without this timestamp/);
      expect(stderr.replaceAll(/\s+/g, " ")).toContain("refuses it with it: SIGNER_EXPIRED: ");
      expect(await project.json(["verify", "one", ...TRUST])).toMatchObject({ code: "SIGNER_EXPIRED" });
      using early = await makeScene(`valid-before="${ends}"`, 0);
      expect((await early.done(stamp)).stderr).toBe("");
      expect(await early.json(["verify", "one", ...TRUST])).toMatchObject({ ok: true });
      using refused = await makeScene("revoked");
      expect((await refused.done(stamp)).stderr).toBe("");
    });

    /** An authority whose clock is two days ahead. */
    async function startAuthority(): Promise<RunningServer & AsyncDisposable> {
      const server = await serve((query, response) => {
        // At its end: the imprint, the nonce with its tag and length, and certReq.
        const [imprint, nonce] = [query.subarray(-45, -13), query.subarray(-11, -3)];
        const token = authority.forge(Buffer.of(), { imprint, nonce, at: now + 2 * DAY });
        reply(response, sequence(sequence(tlv(2, Buffer.from([0]))), token));
      });
      return { ...server, [Symbol.asyncDispose]: server.close };
    }

    it("does not make a verified folder look as if it had an extra file", async () => {
      using project = await makeScene("bound", 0);
      expect(await project.json(["verify", "one", ...TRUST, "--exact"])).toMatchObject({ ok: true });
    });
  },
);

describe("runseal trust add --tsa, and remove", () => {
  const DIGEST = "ab".repeat(32);

  it("add and remove one line, by a fingerprint in either form, and keep all others", async () => {
    using project = await makeSealedProject();
    const before = "# mine\n";
    project.write({ trust: before });
    const coloned = DIGEST.toUpperCase().replaceAll(/(..)(?=.)/g, "$1:");
    for (const text of [`sha256:${DIGEST}`, coloned]) {
      const added = await project.json([
        "trust",
        "add",
        "ours",
        "--tsa",
        text,
        "--trust",
        "trust",
        "--valid-before",
        "20300101",
      ]);
      expect(added).toMatchObject({
        ok: true,
        added: { line: 2, name: "ours", certificate: DIGEST, valid_before: "2030-01-01T00:00:00Z" },
      });
      expect(readFileSync(project.at("trust"), "utf8")).toBe(
        `${before}[tsa ours sha256:${DIGEST} valid-before="20300101"]\n`,
      );
      const { stdout } = await project.done(["trust", "list", "--trust", "trust"]);
      expect(stdout).toBe(`   2  tsa ours  sha256:${DIGEST}  until 2030-01-01T00:00:00Z\n`);
      expect(await project.json(["trust", "list", "--trust", "trust"])).toMatchObject({
        authorities: [{ name: "ours" }],
      });
      const again = await project.json(["trust", "add", "other", "--tsa", text, "--trust", "trust"]);
      expect(again).toMatchObject({
        code: "TRUST_LINE_REFUSED",
        details: { reason: "exists", line: 2, names: ["ours"] },
      });
      await project.done(["trust", "remove", "ours", "--trust", "trust"]);
      expect(readFileSync(project.at("trust"), "utf8")).toBe(before);
    }
  });

  it.skipIf(reason !== undefined)(
    "take a certificate in PEM or DER, and no file with two, one of them hidden or not",
    async () => {
      using project = await makeSealedProject();
      using authority = new Authority();
      const pem = readFileSync(authority.ca, "utf8");
      project.write({
        "ca.der": authority.der("ca"),
        "hiding.der": hidingPem(authority.der("ca")),
        "two.pem": pem + readFileSync(authority.leaf, "utf8"),
      });
      expect(await project.json(["trust", "add", "ours", "--tsa", "ca.der"])).toMatchObject({
        added: { certificate: authority.digest("ca") },
      });
      await project.done(["trust", "remove", "ours"]);
      expect(await project.json(["trust", "add", "ours", "--tsa", authority.ca])).toMatchObject({
        added: { certificate: authority.digest("ca") },
      });
      expect(await project.json(["trust", "add", "ours", "--tsa", "hiding.der"])).toMatchObject({
        code: "ARGUMENT_MALFORMED",
        details: { reason: "certificate" },
      });
      expect(await project.json(["trust", "add", "ours", "--tsa", "two.pem"])).toMatchObject({
        code: "ARGUMENT_MALFORMED",
        details: { reason: "certificate" },
      });
    },
  );
});
