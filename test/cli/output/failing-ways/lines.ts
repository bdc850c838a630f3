import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BundleRecipe, sha256, type TestBundle } from "../../../support/bundles/bundle.ts";
import { headText, linked } from "../../../support/bundles/history-scene.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import type { Project } from "../../../support/command/cli.ts";
import type { Way } from "./way.ts";

const recipe = (name: string): BundleRecipe => ({
  outputs: { [`${name}.txt`]: `${name}\n` },
  taskSpec: { note: PRIVATE.content },
});

const ONE = linked("one", undefined, recipe("one"));
const TWO = linked("two", ONE, recipe("two"));
const THREE = linked("three", TWO, recipe("three"));

/** A history of these bundles, in the place of the project's. `remembered` is the head that the user's machine knows. */
function line(
  bundles: readonly TestBundle[],
  head: TestBundle,
  remembered = head,
): (project: Project) => void {
  return (project) => {
    rmSync(project.at(".runseal"), { recursive: true });
    for (const { artifacts, outputs, runId } of bundles) {
      for (const [name, bytes] of Object.entries(artifacts))
        project.write({ [`.runseal/runs/${runId}/${name}`]: bytes });
      project.write(outputs);
    }
    project.write({ ".runseal/HEAD": headText(head) });
    const heads = join(project.env["HOME"] ?? "", ".local/state/runseal/heads");
    mkdirSync(dirname(join(heads, "head")), { recursive: true });
    writeFileSync(join(heads, `${sha256(project.root)}.json`), headText(remembered));
  };
}

const VERIFY = ["verify", "--history", "--any-signer"];

/** Histories in which bundles are missing, put back, or stand where they do not belong. */
export const LINE_WAYS: readonly Way[] = [
  {
    what: "a history that was cut short",
    args: VERIFY,
    arrange: line([ONE, TWO], TWO, THREE),
    code: "HISTORY_TRUNCATED",
  },
  {
    what: "a history whose HEAD was put back",
    args: VERIFY,
    arrange: line([ONE, TWO, THREE], TWO, THREE),
    code: "HISTORY_ROLLED_BACK",
  },
  {
    what: "a history with a fork",
    args: VERIFY,
    arrange: line([ONE, TWO, linked("other", ONE, recipe("other"))], TWO),
    code: "HISTORY_FORK",
  },
  {
    what: "a history with another proof before it",
    args: VERIFY,
    arrange: wrongProof(),
    code: "HISTORY_PROOF_MISMATCH",
  },
  {
    what: "a history with a bundle from elsewhere",
    args: VERIFY,
    arrange: line([ONE, TWO, linked("foreign", undefined, recipe("foreign"))], TWO),
    code: "HISTORY_FOREIGN",
  },
];

function wrongProof(): (project: Project) => void {
  const wrong = linked("two", ONE, { ...recipe("two"), proof: { previous_proof_hash: "0".repeat(64) } });
  return line([ONE, wrong], wrong);
}
