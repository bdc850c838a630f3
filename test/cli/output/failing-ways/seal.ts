import { symlinkSync, writeFileSync } from "node:fs";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { makeFifo } from "../../../support/command/cli.ts";
import { all, drop, folder, link, put, runseal, type Way } from "./way.ts";

/** Outputs, tasks and places that can't be sealed. */
export const SEAL_WAYS: readonly Way[] = [
  {
    what: "a path that is not there",
    args: ["seal", "nope"],
    code: "PATH_NOT_FOUND",
    hint: /^Check the path and its spelling/,
  },
  { what: "a path outside the root", args: ["seal", "../home"], code: "PATH_REFUSED outside" },
  { what: "a path of the system", args: ["seal", "/etc/passwd"], code: "PATH_REFUSED outside" },
  { what: "no path at all", args: ["seal", ""], code: "PATH_NOT_FOUND" },
  {
    what: "seal below a root that is not there",
    args: ["seal", "nope/out", "--here", "--project", "nope"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  {
    what: "seal below a root that is a file",
    args: ["seal", "out/a.txt/x", "--here", "--project", "out/a.txt"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOTDIR/,
  },
  {
    what: "a link among the outputs",
    args: ["seal", "out"],
    arrange: (project) => symlinkSync("/outside", project.at("out/link")),
    code: "ENTRIES_REFUSED links-leave-root",
  },
  {
    what: "a name for one system",
    args: ["seal", "out"],
    arrange: put("out/NUL", ""),
    code: "ENTRIES_REFUSED names-not-portable",
  },
  {
    what: "a backslash in a name",
    args: ["seal", "out"],
    arrange: put("out/a\\b", ""),
    code: "ENTRIES_REFUSED names-unlawful",
  },
  {
    what: "runseal's own folder",
    args: ["seal", ".runseal"],
    code: "ENTRIES_REFUSED names-unlawful",
  },
  {
    what: "nothing to seal",
    args: ["seal", "link", "--links", "none"],
    arrange: (project) => symlinkSync("out", project.at("link")),
    code: "NOTHING_TO_SEAL",
  },
  {
    what: "a run id that is a path",
    args: ["seal", "out", "--id", "../x"],
    code: "ARGUMENT_MALFORMED run",
  },
  { what: "a run that is there", args: ["seal", "out", "--id", "one"], code: "RUN_EXISTS" },
  {
    what: "a link that leads nowhere in a run's place",
    args: ["seal", "out", "--id", "two"],
    arrange: link(".runseal/runs/two", "nowhere"),
    code: "RUN_EXISTS",
  },
  ...[
    ["--unsigned", "--id", "one"],
    ["--unsigned", "--id", "new"],
    ["--id", "new"],
  ].map((options) => ({
    what: `a seal beside an unsigned bundle with ${options.join(" ")}`,
    args: ["seal", "out", ...options],
    arrange: runseal("seal", "out", "--unsigned", "--id", "new"),
    code: "RUN_EXISTS",
  })),
  {
    what: "a seal beside an invalid HEAD",
    args: ["seal", "out"],
    arrange: put(".runseal/HEAD", "{}\n"),
    code: "HEAD_MALFORMED",
  },
  {
    what: "a task that is not there",
    args: ["seal", "out", "--task", "nope.json"],
    code: "PATH_NOT_FOUND",
    cause: /ENOENT/,
  },
  {
    what: "a task that is no JSON",
    args: ["seal", "out", "--task", "task.json"],
    arrange: put("task.json", `{"a": ${PRIVATE.content}}`),
    code: "INPUT_MALFORMED task",
  },
  {
    what: "a task with a key twice",
    args: ["seal", "out", "--task", "task.json"],
    arrange: put("task.json", `{"a": "${PRIVATE.content}", "a": 1}`),
    code: "INPUT_MALFORMED task",
  },
  {
    what: "patterns that are too long",
    args: ["seal", "out"],
    arrange: put(".runsealignore", PRIVATE.content.repeat(1024)),
    code: "INPUT_MALFORMED patterns",
  },
  {
    what: "a task that is a folder",
    args: ["seal", "out", "--task", "task"],
    arrange: folder(`task/${PRIVATE.fileName}`),
    code: "INPUT_MALFORMED task",
  },
  {
    what: "a task that is a list",
    args: ["seal", "out", "--task", "task.json"],
    arrange: put("task.json", "[]"),
    code: "INPUT_MALFORMED task",
  },
  {
    what: "a task that is a FIFO",
    args: ["seal", "out", "--task", "task"],
    arrange: (project) => makeFifo(project.at("task")),
    code: "INPUT_MALFORMED task",
  },
  {
    what: "a task that is no UTF-8",
    args: ["seal", "out", "--task", "task"],
    arrange: (project) => writeFileSync(project.at("task"), Buffer.from('{"a":"\xff"}', "latin1")),
    code: "INPUT_MALFORMED task",
  },
  {
    what: "a place for bundles that is a file",
    args: ["seal", "out", "--out", "taken"],
    arrange: put("taken", PRIVATE.content),
    code: "WRITE_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "runseal's own folder that is a file",
    args: ["seal", "out"],
    arrange: all(drop(".runseal"), put(".runseal", PRIVATE.content)),
    code: "WRITE_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "a link in the scratch folder",
    args: ["seal", "out"],
    arrange: all(folder(".runseal/scratch"), link(".runseal/scratch/l", `/${PRIVATE.fileName}`)),
    code: "ENTRIES_REFUSED special",
  },
];
