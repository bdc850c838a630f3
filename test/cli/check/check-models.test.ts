/** Bundles that model-signing itself made; test/data/model-signing/README.md says where they are from. @module */

import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Facts, makeProject, type Project } from "../../support/command/cli.ts";

const FOLDER = fileURLToPath(new URL("../../data/model-signing/", import.meta.url));

/** A project with one of the models, and the key of its signer. */
function makeModel(version: string): Project {
  const project = makeProject({});
  cpSync(`${FOLDER}${version}`, project.root, { recursive: true });
  cpSync(`${FOLDER}signing-key.pub`, `${project.folder}/key.pub`);
  return project;
}

function check(project: Project, ...more: readonly string[]): Promise<Facts> {
  return project.json(["check", "model.sig", "--signer", "../key.pub", ...more]);
}

describe("a real bundle of model-signing", () => {
  it.each([
    ["v1.0.0", 1],
    ["v1.1.0", 2],
  ])("of version %s is accepted with all %i files", async (version, files) => {
    using project = makeModel(version);
    expect(await check(project, "--exact")).toMatchObject({
      ok: true,
      form: "sigstore",
      predicate_type: "https://model_signing/signature/v1.0",
      files,
      signer: { algorithm: "ecdsa-p384" },
    });
  });

  it("is rejected for a changed file", async () => {
    using project = makeModel("v1.1.0");
    project.write({ "signme-2": "signme-3" });
    expect(await check(project)).toMatchObject({ code: "HASH_MISMATCH", details: { path: "signme-2" } });
  });

  it("is rejected for an extra file with --exact, and not for what its signer left out", async () => {
    using project = makeModel("v1.1.0");
    project.write({ ".git/HEAD": "ref", "ignore-me": "x" });
    expect(await check(project, "--exact")).toMatchObject({ ok: true });
    project.write({ "signme-3": "x" });
    expect(await check(project, "--exact")).toMatchObject({
      code: "EVIDENCE_EXTRA",
      details: { path: "signme-3" },
    });
  });
});
