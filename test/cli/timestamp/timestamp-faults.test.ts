import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLE, makeSealedProject, namesIn, type Project } from "../../support/command/cli.ts";
import { stopAt } from "../../support/command/stopped-cli.ts";
import { Authority, reasonWithoutAuthority, sequence, tlv } from "../../support/evidence/authority.ts";
import { type RunningServer, reply, serve } from "../../support/evidence/authority-server.ts";
import { timestampsFile, tokensOf } from "../../support/evidence/timestamps.ts";
import { drawn, LONG_TEST_MS, ofRing } from "../../support/rings/ring.ts";

const FILE = `${BUNDLE}/TIMESTAMPS.json`;

/** The calls that an edit of one file makes, after the bundle was read. */
const FUNCTIONS = [
  "openSync",
  "writeSync",
  "fsyncSync",
  "closeSync",
  "renameSync",
  "mkdirSync",
  "rmdirSync",
  "unlinkSync",
  "lstatSync",
  "fstatSync",
] as const;

/** No edit makes more calls of one function. */
const MOST_CALLS = 60;

/** `npm test` tries every fourth call. */
const STEP = ofRing(4, 1);

const reason = reasonWithoutAuthority();

describe.skipIf(reason !== undefined)(
  `a timestamp that is cut short${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let authority: Authority;
    let server: RunningServer;
    let signature: Buffer;

    beforeAll(async () => {
      authority = new Authority();
      server = await serve((query, response) => {
        const nonce = query.subarray(-11, -3);
        reply(response, sequence(sequence(tlv(2, Buffer.from([0]))), authority.forge(signature, { nonce })));
      });
    });
    afterAll(async () => {
      await server.close();
      authority[Symbol.dispose]();
    });

    /** A project whose bundle has one token, whose bytes are given. */
    async function makeScene(): Promise<{ readonly project: Project; readonly old: Buffer }> {
      const project = await makeSealedProject();
      const text = readFileSync(project.at(BUNDLE, "SIGNATURE.json"), "utf8");
      signature = Buffer.from((JSON.parse(text) as { signature: string }).signature, "hex");
      await project.done(["trust", "add", "ours", "--tsa", authority.ca]);
      writeFileSync(project.at(FILE), timestampsFile([authority.forge(signature)]));
      return { project, old: readFileSync(project.at(FILE)) };
    }

    /** Whether the file is the new one. It must be one of the two, whole. */
    async function isNew(project: Project, old: Buffer): Promise<boolean> {
      const now = readFileSync(project.at(FILE));
      expect(await project.json(["verify", "one", "--require-timestamp"])).toMatchObject({ ok: true });
      if (now.equals(old)) return false;
      const [first, second, ...more] = tokensOf(now);
      expect([timestampsFile([first ?? Buffer.of()]), more]).toEqual([old.toString(), []]);
      expect(authority.opensslAccepts(second ?? Buffer.of(), signature)).toBe(true);
      return true;
    }

    const stamp = (): readonly string[] => ["sign", "--time", "one", "--tsa", server.url];

    /** The same command again adds its token, and nothing is left beside the file. */
    async function endsWell(project: Project, wasNew: boolean): Promise<void> {
      expect(await project.json(stamp())).toMatchObject({ ok: true, timestamps: wasNew ? 3 : 2, dropped: 0 });
      expect(namesIn(project.at(BUNDLE)).filter((name) => name.startsWith("."))).toEqual([]);
    }

    it.each(drawn(FUNCTIONS, 1))(
      "by a kill or an error of any %s leaves the old file or the new one, and the next timestamp ends well",
      async (name) => {
        let kills = 0;
        for (let nth = 1; nth <= MOST_CALLS; nth += STEP) {
          const { old, project } = await makeScene();
          using _ = project;
          const end = await project.run(stamp(), stopAt(project, `${name}:${nth}:SIGKILL`, "SIGNATURE.json"));
          if (end.exitCode === 0) break;
          expect(end).toEqual({ exitCode: null, stdout: "", stderr: "" });
          kills++;
          await endsWell(project, await isNew(project, old));
          await failsAt(`${name}:${nth}:EIO`);
        }
        expect(kills).toBeGreaterThan(0);
      },
      LONG_TEST_MS,
    );

    /** The file is new only where the command says so, or says that it is in doubt. */
    async function failsAt(where: string): Promise<void> {
      const { old, project } = await makeScene();
      using _ = project;
      const facts = await project.json(stamp(), stopAt(project, where, "SIGNATURE.json"));
      const isPlaced = await isNew(project, old);
      const isTold = facts["ok"] === true || facts["code"] === "IN_DOUBT";
      expect(isTold || !isPlaced, `${String(facts["code"])} at ${where}`).toBe(true);
      if (facts["ok"] !== true)
        expect(facts["code"]).toMatch(/^(?:WRITE_FAILED|IN_DOUBT|READ_FAILED|TIMESTAMPS_MALFORMED)$/);
      await endsWell(project, isPlaced);
    }
  },
);
