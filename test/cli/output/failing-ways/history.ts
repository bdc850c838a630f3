import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../../support/bundles/bundle.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE, type Project } from "../../../support/command/cli.ts";
import { all, artifact, drop, folder, put, runseal, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;

/** Failures of log, show, diff, and of verify --history over a project's history. */
export const HISTORY_WAYS: readonly Way[] = [
  {
    what: "a log of a root that is not there",
    args: ["log", "--project", "nope"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  {
    what: "a log by a trust file that is not there",
    args: ["log", "--trust", "nope"],
    code: "TRUST_FILE_UNREADABLE",
  },
  {
    what: "a log of a root that is a file",
    args: ["log", "--project", "out/a.txt"],
    code: "PATH_NOT_FOUND folder",
  },
  { what: "a log with an invalid limit", args: ["log", "--limit", content], code: "USAGE" },
  {
    what: "a log of a rejected bundle, which does not count as a failure",
    args: ["log"],
    arrange: artifact("STATUS", () => content),
    code: "OK",
  },
  {
    what: "a log where the folder of runs is a file",
    args: ["log"],
    arrange: all(drop(".runseal/runs"), put(".runseal/runs", content)),
    code: "READ_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "a bundle to show that is not there",
    args: ["show", "nope"],
    code: "RUN_NOT_FOUND id",
  },
  {
    what: "a bundle to show that is no JSON",
    args: ["show", "one"],
    arrange: artifact("STATUS", () => `{"${content}": ${content}}`),
    code: "ARTIFACT_MALFORMED",
  },
  {
    what: "a bundle to show that is not as it was signed",
    args: ["show", BUNDLE],
    arrange: artifact("TASK_SPEC", () => `{"${content}":"${content}"}`),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  {
    what: "a bundle to compare that is not there",
    args: ["diff", "one", "nope"],
    code: "RUN_NOT_FOUND id",
  },
  {
    what: "a bundle to compare with a forbidden folder",
    args: ["diff", "one", BUNDLE],
    arrange: folder(`${BUNDLE}/tmp/${fileName}`),
    code: "FORBIDDEN_ARTIFACT",
  },
  {
    what: "a bundle to compare with another tree",
    args: ["diff", "one", BUNDLE],
    arrange: put(`${BUNDLE}/OUTPUT_TREE.json`, "{}"),
    code: "TREE_MISMATCH",
  },
  {
    what: "a history without a project",
    args: ["verify", "--history"],
    arrange: drop(".runseal"),
    code: "PROJECT_NOT_FOUND",
  },
  {
    what: "the newest run where nothing was sealed",
    args: ["verify"],
    arrange: (project) => {
      drop(".runseal")(project);
      folder(".runseal/scratch")(project);
    },
    code: "RUN_NOT_FOUND none",
    hint: /^runseal seal FOLDER/m,
  },
  {
    what: "a history without a run",
    args: ["verify", "--history"],
    arrange: (project) => {
      drop(".runseal")(project);
      folder(".runseal/scratch")(project);
    },
    code: "CHAIN_EMPTY",
  },
  {
    what: "a history below a root that is not there",
    args: ["verify", "--history", "--project", "nope"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  {
    what: "a history without a HEAD",
    args: ["verify", "--history"],
    arrange: drop(".runseal/HEAD"),
    code: "HEAD_MISSING",
  },
  {
    what: "a history with an invalid HEAD",
    args: ["verify", "--history"],
    arrange: put(".runseal/HEAD", content),
    code: "HEAD_MALFORMED",
  },
  {
    what: "a history of which something else is remembered than a head",
    args: ["verify", "--history"],
    arrange: forgetsItsHead,
    code: "HEAD_MALFORMED",
  },
  {
    what: "a history with a bundle that is rejected",
    args: ["verify", "--history"],
    arrange: artifact("SIGNATURE", () => content),
    code: "HISTORY_GAP",
  },
  {
    what: "a history with an output that is nowhere",
    args: ["verify", "--history"],
    arrange: all(drop("out/a.txt"), drop(".runseal/packs")),
    code: "OUTPUT_MISSING",
  },
  {
    what: "pruning snapshots in a history with a gap",
    args: ["prune", "--bundles", "--keep-last", "1"],
    arrange: all(runseal("seal", "out", "--id", "two"), drop(".runseal/runs/one")),
    code: "HISTORY_GAP",
  },
  { what: "pruning a guard that is not there", args: ["prune", "--guard", "."], code: "GUARD_NOT_FOUND" },
  {
    what: "pruning with an invalid time",
    args: ["prune", "--bundles", "--keep-days", content],
    code: "USAGE",
  },
  {
    what: "a history with an invalid CUT.json",
    args: ["verify", "--history"],
    arrange: put(".runseal/CUT.json", content),
    code: "HISTORY_CUT_INVALID",
  },
  {
    what: "a history without a failed run that the next seal lists",
    args: ["verify", "--history"],
    arrange: all(
      runseal("run", "--output", "out", "--id", "bad", "--", "sh", "-c", `exit 3 # ${content}`),
      runseal("seal", "out", "--id", "two"),
      drop(".runseal/runs/bad"),
    ),
    code: "HISTORY_FAILED_RUN_MISSING",
  },
];

function forgetsItsHead(project: Project): void {
  const heads = join(project.env["HOME"] ?? "", ".local/state/runseal/heads");
  mkdirSync(heads, { recursive: true });
  writeFileSync(join(heads, `${sha256(project.root)}.json`), content);
}
