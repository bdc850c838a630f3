import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE, SECRETS } from "../../../support/command/canaries.ts";
import { makeFifo } from "../../../support/command/cli.ts";
import { all, config, folder, link, put, runseal, type Way } from "./way.ts";

const SCRATCH = ".runseal/scratch";

/** Runs that are refused, that fail, and that leave what they should not. Their commands print nothing. */
/** Options of a run that never starts its command. */
const REFUSED: readonly (readonly [options: readonly string[], code: string])[] = [
  [["--id", "../x"], "ARGUMENT_MALFORMED run"],
  [["--output", "../x"], "PATH_REFUSED outside"],
  [["--output", ""], "PATH_NOT_FOUND"],
  [["--output", ".runseal/x"], "ENTRIES_REFUSED names-unlawful"],
  [["--input", "nope"], "PATH_NOT_FOUND"],
  [["--input", "../home"], "PATH_REFUSED outside"],
  [["--scratch", "nope"], "PATH_NOT_FOUND"],
  [["--scratch", "../x"], "PATH_REFUSED outside"],
  [["--scratch", "."], "PATH_REFUSED outside"],
  [["--scratch", ""], "PATH_REFUSED outside"],
  [["--scratch", ".runseal"], "ENTRIES_REFUSED names-unlawful"],
  [["--scratch", "out/a.txt"], "READ_FAILED"],
  [["--scratch", "out/x", "--scratch", "out"], "PATH_REFUSED scratch-overlaps"],
  [["--key", "nope.key"], "KEY_NOT_FOUND stored"],
  [["--key", "agent:"], "AGENT_UNREACHABLE not-set"],
  [["--report", "out"], "WRITE_FAILED"],
  [["--guard", "nowhere"], "PATH_NOT_FOUND folder"],
];

/** Commands that can't be run: nothing is sealed. */
const UNRUNNABLE: readonly (readonly [command: string, code: string])[] = [
  ["./nothing", "COMMAND_NOT_FOUND"],
  ["", "COMMAND_NOT_FOUND"],
  ["./orphan", "COMMAND_NOT_FOUND"],
  ["./out", "COMMAND_NOT_EXECUTABLE"],
  ["./out/a.txt/x", "COMMAND_NOT_EXECUTABLE"],
];

export const RUN_WAYS: readonly Way[] = [
  ...REFUSED.map(([options, code]) => ({
    what: `a run with ${options.join(" ")}`,
    args: ["run", ...options, "--", "touch", "ran"],
    code,
  })),
  ...UNRUNNABLE.map(([command, code]) => ({
    what: `a run of ${command}`,
    args: ["run", "--", command],
    arrange: put("orphan", "#!/no/such/program\n", 0o755),
    code,
  })),
  {
    what: "a run beside an invalid HEAD",
    args: ["run", "--", "touch", "ran"],
    arrange: put(".runseal/HEAD", "{}\n"),
    code: "HEAD_MALFORMED",
  },
  {
    what: "a scratch file whose name no proof can hold",
    args: ["run", "--", "touch", "ran"],
    arrange: put(`${SCRATCH}/x\\y`, ""),
    code: "ENTRIES_REFUSED names-unlawful",
  },
  {
    what: "a scratch folder that is a link",
    args: ["run", "--scratch", "l", "--", "touch", "ran"],
    arrange: link("l", "out"),
    code: "ENTRIES_REFUSED special",
  },
  {
    what: "a FIFO in the scratch folder of a run",
    args: ["run", "--", "touch", "ran"],
    arrange: all(folder(SCRATCH), (project) => makeFifo(project.at(SCRATCH, "f"))),
    code: "ENTRIES_REFUSED special",
  },
  {
    what: "a run of an id that an unsigned bundle has",
    args: ["run", "--id", "new", "--", "touch", "ran"],
    arrange: runseal("seal", "out", "--unsigned", "--id", "new"),
    code: "RUN_EXISTS",
  },
  { what: "a run without --", args: ["run", "true"], code: "USAGE" },
  {
    what: "a passphrase to record",
    args: ["run", "--env", "RUNSEAL_PASSPHRASE", "--", "true"],
    code: "USAGE",
  },
  { what: "no such command", args: ["run", "--", "nope"], code: "COMMAND_NOT_FOUND", cause: /ENOENT/ },
  {
    what: "a command that is no program",
    args: ["run", "--", "./out/a.txt"],
    code: "COMMAND_NOT_EXECUTABLE",
    cause: /EACCES/,
  },
  {
    what: "a command that fails with a secret in its words",
    args: ["run", "--", "sh", "-c", `test -n "$DEPLOY_TOKEN" && exit 3; : ${PRIVATE.content}`],
    code: "COMMAND_FAILED",
    exit: 3,
    changes: "the failed run is sealed",
  },
  {
    what: "a command that dies",
    args: ["run", "--", "sh", "-c", "kill -9 $$"],
    code: "COMMAND_FAILED",
    exit: 137,
    changes: "the failed run is sealed",
  },
  {
    what: "a variable that is recorded, of a run that fails",
    args: ["run", "--env", "SOME_VARIABLE", "--", "false"],
    code: "COMMAND_FAILED",
    changes: "the failed run is sealed",
  },
  {
    what: "an output that was not made",
    args: ["run", "--output", "x", "--", "true"],
    code: "OUTPUT_NOT_MADE",
    changes: "the failed run is sealed",
  },
  {
    what: "a FIFO for an output",
    args: ["run", "--output", "f", "--strict", "--", "true"],
    arrange: (project) => makeFifo(project.at("f")),
    code: "ENTRIES_REFUSED special",
  },
  {
    what: "a link that leads outside for an output",
    args: ["run", "--output", "l", "--", "true"],
    arrange: link("l", "/outside"),
    code: "ENTRIES_REFUSED links-leave-root",
    hint: /^the command was not run: these are there already, at or below an --output$/m,
  },
  {
    what: "a link whose target is not text for an output",
    args: ["run", "--output", "l", "--", "true"],
    arrange: (project) => symlinkSync(Buffer.from([0x61, 0xff]), project.at("l")),
    code: "ENTRIES_REFUSED link-target",
  },
  {
    what: "a run of an id that there is",
    args: ["run", "--id", "one", "--", "true"],
    code: "RUN_EXISTS",
  },
  {
    what: "a run below a root that is not there",
    args: ["run", "--here", "--project", "nope", "--", "true"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  {
    what: "a link in the scratch folder of a run",
    args: ["run", "--", "true"],
    arrange: all(folder(SCRATCH), link(`${SCRATCH}/l`, `/${PRIVATE.fileName}`)),
    code: "ENTRIES_REFUSED special",
  },
  {
    what: "a link that a run leaves in its scratch folder",
    args: ["run", "--", "sh", "-c", `ln -s "/$SOME_VARIABLE" ${SCRATCH}/l`],
    arrange: folder(SCRATCH),
    code: "SCRATCH_NOT_RESTORED",
    changes: "the failed run is sealed",
  },
  {
    what: "a scratch file that a run changes",
    args: ["run", "--", "sh", "-c", `echo "$DEPLOY_TOKEN" > ${SCRATCH}/f`],
    arrange: put(`${SCRATCH}/f`, PRIVATE.content),
    code: "SCRATCH_NOT_RESTORED",
    changes: "the failed run is sealed",
  },
  {
    what: "a scratch folder within another",
    args: ["run", "--scratch", "out", "--scratch", "out/x", "--", "true"],
    code: "PATH_REFUSED scratch-overlaps",
  },
  {
    what: "a run with an invalid key",
    args: ["run", "--key", "k.key", "--", "true"],
    arrange: put("k.key", SECRETS.keyText, 0o600),
    code: "KEY_FILE_UNUSABLE import",
  },
  {
    what: "a signer of a run that fails",
    args: [
      "run",
      "--key",
      "exec:exit 3",
      "--public-key",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "--",
      "true",
    ],
    code: "SIGNER_FAILED command",
    changes: "the next seal reports a run that was not signed",
  },
  {
    what: "a report of a run in a place that is not there",
    args: ["run", "--report", "nowhere/facts.json", "--", "true"],
    code: "WRITE_FAILED",
    cause: /ENOENT/,
  },
  {
    what: "a run without any key",
    args: ["run", "--", "true"],
    arrange: (project) => config(join("runseal", "keys"), "")(project),
    code: "READ_FAILED",
  },
];
