import { readFileSync, writeFileSync } from "node:fs";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE } from "../../../support/command/cli.ts";
import { readTar, type TarEntry, tarOf } from "../../../support/registry/archive.ts";
import { all, artifact, drop, link, put, runseal, type Step, type Way } from "./way.ts";

const { content } = PRIVATE;
const ARCHIVE = "one.runseal";
const PACK = ["pack", BUNDLE, "-o", ARCHIVE];
const VERIFY = ["verify", ARCHIVE, "--any-signer"];

/** Packs the run, and changes the bytes of the archive. */
function packed(change: (bytes: Buffer) => Buffer): Step {
  return all(runseal("pack", BUNDLE, "-o", ARCHIVE), (project) => {
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
    what: "pack: a file that is there",
    args: ["pack", BUNDLE, "-o", ARCHIVE],
    arrange: put(ARCHIVE, content),
    code: "ARCHIVE_EXISTS",
  },
  {
    what: "pack: a changed file without a store",
    args: ["pack", BUNDLE, "-o", ARCHIVE],
    arrange: all(put("out/a.txt", content), drop(".runseal/packs")),
    code: "PACK_SOURCE_MISSING",
  },
  {
    what: "pack: into a folder that is not there",
    args: ["pack", BUNDLE, "-o", "none/one.runseal"],
    code: "WRITE_FAILED",
    cause: /ENOENT/,
  },
  {
    what: "pack: a link that leads nowhere",
    args: PACK,
    arrange: link(ARCHIVE, "nowhere"),
    code: "ARCHIVE_EXISTS",
  },
  { what: "pack: one run twice", args: ["pack", "one", BUNDLE, "-o", ARCHIVE], code: "USAGE" },
  { what: "pack: no run", args: ["pack", "-o", ARCHIVE], code: "USAGE" },
  {
    what: "pack: a bundle that is not as it was signed",
    args: PACK,
    arrange: artifact("STATUS", (text) => text.replace("success", "SUCCESS")),
    code: "BUNDLE_ROOT_MISMATCH",
  },
  { what: "pack: nowhere", args: ["pack", BUNDLE], code: "USAGE" },
  {
    what: "verify: an archive with a changed header",
    args: VERIFY,
    arrange: packed((bytes) => bytes.fill("7", 110, 111)),
    code: "ARCHIVE_MALFORMED",
  },
  {
    what: "verify: an archive that breaks off",
    args: VERIFY,
    arrange: packed((bytes) => bytes.subarray(0, -512)),
    code: "ARCHIVE_TRUNCATED",
  },
  {
    what: "verify: an archive with bytes behind its end",
    args: VERIFY,
    arrange: packed((bytes) => Buffer.concat([bytes, Buffer.from(content)])),
    code: "ARCHIVE_TRAILING_BYTES",
  },
  {
    what: "verify: an archive with an entry that no run names",
    args: VERIFY,
    arrange: repacked((entries) => [...entries, { path: "z", content }]),
    code: "ARCHIVE_ENTRY_UNEXPECTED",
  },
  {
    what: "verify: an archive without a bundle",
    args: VERIFY,
    arrange: packed(() => tarOf([{ path: "out/a.txt", content }])),
    code: "ARCHIVE_ENTRY_MISSING",
  },
  {
    what: "verify: an archive with another mode",
    args: VERIFY,
    arrange: repacked((entries) => entries.map((entry) => ({ ...entry, mode: 0o600 }))),
    code: "ARCHIVE_ENTRY_DIFFERS",
  },
  {
    what: "verify: an archive with a bundle that is too large",
    args: VERIFY,
    arrange: packed(() => tarOf([{ path: `${BUNDLE}/COUNTERSIGNATURES.json`, size: 2 ** 21 }])),
    code: "ARCHIVE_TOO_LARGE",
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
