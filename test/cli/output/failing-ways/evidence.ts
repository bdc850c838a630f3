import { mkdirSync } from "node:fs";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE } from "../../../support/command/cli.ts";
import { all, drop, folder, link, put, runseal, type Way } from "./way.ts";

const { content } = PRIVATE;
const EXPORT = ["export", BUNDLE, "-o", "evidence", "--format"];

/** Evidence that is not made. */
export const EVIDENCE_WAYS: readonly Way[] = [
  { what: "export: an unknown format", args: [...EXPORT, "gpg"], code: "USAGE" },
  { what: "export: a signer for a list", args: [...EXPORT, "sums", "--key", "default"], code: "USAGE" },
  { what: "export: provenance of a list", args: [...EXPORT, "sums", "--predicate", "slsa"], code: "USAGE" },
  {
    what: "export: a changed file without a store",
    args: [...EXPORT, "minisign"],
    arrange: all(put("out/a.txt", content), drop(".runseal/packs")),
    code: "HASH_MISMATCH",
  },
  {
    what: "export: an unknown signer",
    args: [...EXPORT, "sums", "--trust", "trust"],
    arrange: put("trust", `# ${content}\n`),
    code: "SIGNER_UNKNOWN",
  },
  {
    what: "export: a folder that is there",
    args: [...EXPORT, "sums"],
    arrange: folder("evidence"),
    code: "FILE_EXISTS export",
  },
  {
    what: "export: a link that leads nowhere",
    args: [...EXPORT, "sshsig", "--key", "missing.key"],
    arrange: link("evidence", "nowhere"),
    code: "FILE_EXISTS export",
  },
  {
    what: "export: a failed run",
    args: ["export", "bad", "-o", "evidence", "--format", "sums"],
    arrange: runseal("run", "--id", "bad", "--", "false"),
    code: "DECISION_INVALID",
  },
  {
    what: "export: a run that is not the expected one",
    args: [...EXPORT, "sums", "--expect", "0".repeat(64)],
    code: "EXPECTATION_FAILED",
  },
  {
    what: "export: through a link into the project's own folder",
    args: ["export", BUNDLE, "-o", "door/new/deep", "--format", "sums"],
    arrange: link("door", ".runseal/runs"),
    code: "EXPORT_REFUSED own-folder",
  },
  {
    what: "export: into the project's own folder",
    args: ["export", BUNDLE, "-o", ".runseal/runs/two", "--format", "sums"],
    code: "EXPORT_REFUSED own-folder",
  },
  {
    what: "export: a folder with a name that no disk takes",
    args: ["export", BUNDLE, "-o", "e".repeat(256), "--format", "sums"],
    code: "EXPORT_REFUSED name-too-long",
  },
  {
    what: "export: a file where a folder is to be made",
    args: ["export", BUNDLE, "-o", "file/evidence", "--format", "sums"],
    arrange: put("file", content),
    code: "WRITE_FAILED",
    cause: /ENOTDIR/,
  },
  {
    what: "export: provenance of a seal",
    args: [...EXPORT, "dsse", "--predicate", "slsa"],
    code: "EXPORT_REFUSED no-command",
  },
  {
    what: "export: a name that signify can't hold",
    args: ["export", "two", "-o", "evidence", "--format", "signify"],
    arrange: all(put("out/a(1)", content), runseal("seal", "out", "--id", "two")),
    code: "EXPORT_REFUSED names",
  },
  {
    what: "export: no files",
    args: ["export", "two", "-o", "evidence", "--format", "sums"],
    arrange: all((project) => mkdirSync(project.at("empty")), runseal("seal", "empty", "--id", "two")),
    code: "EXPORT_REFUSED empty",
  },
  {
    what: "export: a missing file, before the key is looked for",
    args: [...EXPORT, "sshsig", "--key", "other"],
    arrange: all(drop("out/a.txt"), drop(".runseal/packs")),
    code: "OUTPUT_MISSING",
  },
  {
    what: "export: an unknown key",
    args: [...EXPORT, "sshsig", "--key", "other"],
    code: "KEY_NOT_FOUND stored",
  },
];
