import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProjectWithKey, type Project } from "../../../test/support/command/cli.ts";
import { itWith, runTool } from "../../../test/support/evidence/real-tools.ts";
import {
  hasRegistry,
  type RealRegistry,
  startRegistry,
} from "../../../test/support/registry/real-registry.ts";
import type { AuditedRun, AuditReport } from "../src/audit/read-audit.ts";
import { Fleet, pushRuns, writeTrust } from "./support/fleet.ts";
import { hasPostgres, Postgres } from "./support/postgres.ts";

const TYPE = "https://in-toto.io/attestation/svr/v0.2";

describe.skipIf(!hasPostgres() || !hasRegistry())("a worker that attests", () => {
  let postgres: Postgres;
  let registry: RealRegistry;
  let project: Project;
  let repository: string;
  let trust: string;

  beforeAll(async () => {
    [postgres, registry] = await Promise.all([Postgres.start(), startRegistry()]);
    project = await makeProjectWithKey({});
    trust = await writeTrust(project);
    repository = `${registry.host}/team/attested`;
    await pushRuns(project, repository, {
      small: { "a.txt": "alpha\n" },
      large: Object.fromEntries(Array.from({ length: 9 }, (_, file) => [`f${file}`, `content ${file}\n`])),
    });
    await project.done(["key", "new", "auditor", "--no-passphrase"]);
  });
  afterAll(async () => {
    project?.[Symbol.dispose]();
    await Promise.all([postgres?.[Symbol.asyncDispose](), registry?.[Symbol.asyncDispose]()]);
  });

  /** Audits by one worker that signs with the key of that name, and cuts the large run into ranges. */
  async function audited(fleet: Fleet, key: string, ...options: readonly string[]): Promise<AuditReport> {
    const audit = await fleet.submit(repository, ...options);
    fleet.startCommand(["worker", "--range-files", "4", "--attest", "--key", key], project.env);
    return await fleet.ended(audit);
  }

  /** The statement that is signed. */
  function statementIn({ attestation }: AuditedRun): unknown {
    const { payload } = attestation as { readonly payload: string };
    return JSON.parse(Buffer.from(payload, "base64").toString());
  }

  itWith("cosign")(
    "signs the verdict on each accepted run with its own key, as cosign reads it",
    async () => {
      await using fleet = await Fleet.make(postgres);
      const { results } = await audited(fleet, "auditor", "--policy", trust);
      const pem = async (name: string): Promise<string> =>
        (await project.done(["key", "export", name, "--format", "pem"])).stdout;
      project.write({ "auditor.pem": await pem("auditor"), "sealer.pem": await pem("default") });
      expect(results.map(({ run_id: id }) => id)).toEqual(["small", "large"]);
      for (const run of results) {
        expect(statementIn(run)).toMatchObject({
          predicateType: TYPE,
          predicate: {
            properties: [
              "RUNSEAL_BUNDLE_ACCEPTED",
              "RUNSEAL_SIGNER_TRUSTED",
              "RUNSEAL_OUTPUTS_READ_IN_REGISTRY",
              "RUNSEAL_SIGNED_BY_SEALER",
            ],
          },
        });
        writeFileSync(project.at("verdict.json"), JSON.stringify(run.attestation));
        const cosign = (key: string): number | null => {
          const args = ["verify-blob-attestation", "--key", key, "--insecure-ignore-tlog", "--type", TYPE];
          const blob = `.runseal/runs/${run.run_id}/SIGNATURE.json`;
          return runTool("cosign", [...args, "--signature", "verdict.json", blob], { cwd: project.root })
            .status;
        };
        expect([cosign("auditor.pem"), cosign("sealer.pem") === 0]).toEqual([0, false]);
      }
    },
  );

  it("signs nothing where the signer is not trusted, or was not judged", async () => {
    await using fleet = await Fleet.make(postgres);
    project.write({ "others.txt": `bob runseal-ed25519 ${"ab".repeat(32)}\n` });
    const found = [
      await audited(fleet, "auditor", "--policy", project.at("others.txt")),
      await audited(fleet, "auditor", "--any-signer"),
    ];
    expect(found.map(({ results }) => results.map(({ attestation, code }) => [code, attestation]))).toEqual([
      [
        ["SIGNER_UNKNOWN", null],
        ["SIGNER_UNKNOWN", null],
      ],
      [
        ["OK", null],
        ["OK", null],
      ],
    ]);
  });

  it("ends before it takes a job where its key can't be opened", async () => {
    await using fleet = await Fleet.make(postgres);
    await fleet.submit(repository, "--policy", trust);
    for (const [key, error] of [
      ["absent", /^error: KEY_[A-Z_]+: /],
      ["", /^error: USAGE: /],
    ] as const) {
      const { exitCode, stderr } = await fleet.run(
        ["worker", "--attest", "--key", key],
        "owner",
        project.env,
      );
      expect([exitCode, stderr]).toEqual([key === "" ? 2 : 4, expect.stringMatching(error)]);
    }
    const jobs = await fleet.query("SELECT attempts, locked_by FROM runseal_fleet_queue.jobs");
    expect(jobs).toEqual(Array.from({ length: 2 }, () => ({ attempts: 0, locked_by: null })));
  });

  it("takes a key with --attest alone", async () => {
    await using fleet = await Fleet.make(postgres);
    const { exitCode, stderr } = await fleet.run(["worker", "--key", "auditor"]);
    expect({ exitCode, error: stderr.split("\n")[0] }).toEqual({
      exitCode: 2,
      error: "error: USAGE: --key goes with --attest",
    });
  });
});
