import { readFileSync, writeFileSync } from "node:fs";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE } from "../../../support/command/cli.ts";
import { readTar, type TarEntry, tarOf } from "../../../support/registry/archive.ts";
import { all, artifact, drop, link, put, runseal, type Step, type Way } from "./way.ts";

const { content } = PRIVATE;
const ARCHIVE = "one.runseal";
const PUSH = ["push", BUNDLE, ARCHIVE];
const VERIFY = ["verify", ARCHIVE, "--any-signer"];

/** Packs the run, and changes the bytes of the archive. */
function packed(change: (bytes: Buffer) => Buffer): Step {
  return all(runseal("push", BUNDLE, ARCHIVE), (project) => {
    writeFileSync(project.at(ARCHIVE), change(readFileSync(project.at(ARCHIVE))));
  });
}

/** The same with the entries of the archive, whose first one is a bundle's file. */
function repacked(change: (entries: readonly TarEntry[]) => readonly TarEntry[]): Step {
  return packed((bytes) => tarOf(change(readTar(bytes))));
}

/** Archives that are not made, and archives that are refused. */
export const ARCHIVE_WAYS: readonly Way[] = [
  {
    what: "push: a file that is there",
    args: ["push", BUNDLE, ARCHIVE],
    arrange: put(ARCHIVE, content),
    code: "FILE_EXISTS archive",
  },
  {
    what: "push: a changed file without a store",
    args: ["push", BUNDLE, ARCHIVE],
    arrange: all(put("out/a.txt", content), drop(".runseal/packs")),
    code: "PACK_SOURCE_MISSING",
  },
  {
    what: "push: into a folder that is not there",
    args: ["push", BUNDLE, "none/one.runseal"],
    code: "WRITE_FAILED",
    cause: /ENOENT/,
  },
  {
    what: "push: a link that leads nowhere",
    args: PUSH,
    arrange: link(ARCHIVE, "nowhere"),
    code: "FILE_EXISTS archive",
  },
  { what: "push: one run twice", args: ["push", "one", BUNDLE, ARCHIVE], code: "USAGE" },
  { what: "push: no run", args: ["push", ARCHIVE], code: "USAGE" },
  { what: "push: a run beside --all", args: ["push", "one", ARCHIVE, "--all"], code: "USAGE" },
  { what: "push: a tag of an archive", args: ["push", "one", ARCHIVE, "--tag", "v1"], code: "USAGE" },
  {
    what: "push: a history without HEAD",
    args: ["push", "--all", ARCHIVE],
    arrange: drop(".runseal/HEAD"),
    code: "HEAD_MISSING",
  },
  {
    what: "push: a bundle that is not as it was signed",
    args: PUSH,
    arrange: artifact("STATUS", (text) => text.replace("success", "SUCCESS")),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  { what: "push: nowhere", args: ["push", "one", "two"], code: "USAGE" },
  {
    what: "verify: an archive with a changed header",
    args: VERIFY,
    arrange: packed((bytes) => bytes.fill("7", 110, 111)),
    code: "CARRIED_RUN_MALFORMED checksum",
  },
  {
    what: "verify: an archive that breaks off",
    args: VERIFY,
    arrange: packed((bytes) => bytes.subarray(0, -512)),
    code: "CARRIED_RUN_MALFORMED truncated",
  },
  {
    what: "verify: an archive with bytes behind its end",
    args: VERIFY,
    arrange: packed((bytes) => Buffer.concat([bytes, Buffer.from(content)])),
    code: "CARRIED_RUN_MALFORMED trailing-bytes",
  },
  {
    what: "verify: an archive with an entry that no run names",
    args: VERIFY,
    arrange: repacked((entries) => [...entries, { path: "z", content }]),
    code: "CARRIED_RUN_MALFORMED entry-unexpected",
  },
  {
    what: "verify: an archive without a file of its run",
    args: VERIFY,
    arrange: repacked((entries) => entries.filter(({ path }) => path.startsWith(".runseal/"))),
    code: "CARRIED_RUN_MALFORMED entry-missing",
  },
  {
    what: "verify: a plain tar",
    args: VERIFY,
    arrange: packed(() => tarOf([{ path: "out/a.txt", content }])),
    code: "CARRIED_RUN_MALFORMED foreign",
  },
  {
    what: "verify: an archive with another mode",
    args: VERIFY,
    arrange: repacked((entries) => entries.map((entry) => ({ ...entry, mode: 0o600 }))),
    code: "CARRIED_RUN_MALFORMED mode",
  },
  {
    what: "verify: an archive with a bundle that is too large",
    args: VERIFY,
    arrange: packed(() => tarOf([{ path: `${BUNDLE}/COUNTERSIGNATURES.json`, size: 2 ** 21 }])),
    code: "CARRIED_RUN_MALFORMED too-large",
  },
  {
    what: "verify: an archive with another content",
    args: VERIFY,
    arrange: repacked((entries) =>
      entries.map((entry) => (entry.path === "out/a.txt" ? { ...entry, content: "other\n" } : entry)),
    ),
    code: "HASH_MISMATCH",
  },
];
