import { afterAll, beforeAll, describe, it } from "vitest";
import { BUNDLE, makeProjectWithKey, type Project } from "../../support/command/cli.ts";
import { ofRing } from "../../support/rings/ring.ts";

/** More than one thread hashes alone, in more folders than there are descriptors. */
const FILES = 7500;
const FOLDERS = 300;

/** What some systems grant is 256; this is a quarter of it. */
const UNDER = ["sh", "-c", 'ulimit -n 64; exec "$0" "$@"'];

describe("with few descriptors and many folders", () => {
  let project: Project;

  beforeAll(async () => {
    const names = Array.from({ length: FILES }, (_, index) => `out/d${index % FOLDERS}/f${index}`);
    project = await makeProjectWithKey(Object.fromEntries(names.map((name) => [name, name])));
    await project.done(["seal", "out", "--id", "one", "--no-keep"], { under: UNDER });
  });

  afterAll(() => project[Symbol.dispose]());

  it.each(ofRing(["2"], ["1", "2"]))("outputs are verified, by --jobs %s", async (jobs) => {
    await project.done(["verify", BUNDLE, "--jobs", jobs], { under: UNDER });
  });

  it("outputs are restored, and the restore is undone", async () => {
    await project.done(["restore", BUNDLE, "--to", "there", "--mkdir"], {
      under: UNDER,
    });
    await project.done(["undo", "--restored", "there"], { under: UNDER });
  });
});
