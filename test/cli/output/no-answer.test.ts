import { truncateSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { BUNDLE, makeProjectWithKey } from "../../support/command/cli.ts";

const UNANSWERED = fileURLToPath(new URL("../../support/command/unanswered-reads.mjs", import.meta.url));

it("a verification without an answer and with nothing left to wait for does not succeed", async () => {
  using project = await makeProjectWithKey({ "out/big": "" });
  truncateSync(project.at("out", "big"), 2 ** 24);
  await project.done(["seal", "out", "--id", "one"]);
  const env = { ...project.env, NODE_OPTIONS: `--import ${UNANSWERED}` };
  const { exitCode, stdout } = await project.run(["verify", BUNDLE, "--jobs", "1"], { env });
  expect({ exitCode, stdout }).toEqual({ exitCode: 70, stdout: "" });
});
