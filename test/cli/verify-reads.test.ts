import { basename } from "node:path";
import { expect, it } from "vitest";
import { BUNDLE, makeSealedProject } from "../support/cli.ts";

it("runseal verify reads no more of itself than a verification which ends well needs", async () => {
  using project = await makeSealedProject();
  const env = { ...project.env, NODE_DEBUG: "module" };
  const { exitCode, stderr } = await project.run(["verify", BUNDLE], { env });
  const read = [...stderr.matchAll(/: load "([^"]+)" for module/g)].map(([, path = ""]) => basename(path));
  expect({ exitCode, read: read.sort() }).toEqual({
    exitCode: 0,
    read: [
      "hashing.js",
      "main.js",
      "program.js",
      "rolldown-runtime.js",
      "surroundings.js",
      "verify-bundle.js",
    ],
  });
});
