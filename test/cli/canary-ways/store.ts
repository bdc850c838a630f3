import { chmodSync, writeFileSync } from "node:fs";
import { PRIVATE } from "../../support/canaries.ts";
import { BUNDLE, type Project } from "../../support/cli.ts";
import { objectOf } from "../../support/keep.ts";
import { all, artifact, drop, folder, put, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;
const OBJECTS = ".runseal/objects";

/** Another content in the place of what the store keeps of `out/a.txt`. */
function corrupted(project: Project): void {
  const object = objectOf(project.root, "alpha\n");
  chmodSync(object, 0o644);
  writeFileSync(object, content);
}

/** Damaged stores, and the commands that rely on them. */
export const STORE_WAYS: readonly Way[] = [
  {
    what: "gc of a root that is not there",
    args: ["gc", "--root", "nope"],
    code: "ROOT_NOT_FOUND",
    cause: /ENOENT/,
  },
  {
    what: "gc beside a bundle that is no JSON",
    args: ["gc"],
    arrange: artifact("STATUS", () => content),
    code: "STORE_BUNDLE_UNREADABLE",
  },
  {
    what: "gc of a store that is a file",
    args: ["gc"],
    arrange: all(drop(OBJECTS), put(OBJECTS, content)),
    code: "STORE_NOT_A_FOLDER",
  },
  {
    what: "gc where a foreign file has the lock's name",
    args: ["gc"],
    arrange: put(".runseal/lock", content),
    code: "PROJECT_LOCKED",
  },
  {
    what: "fsck of a root that is not there",
    args: ["fsck", "--root", "nope"],
    code: "ROOT_NOT_FOUND",
    cause: /ENOENT/,
  },
  {
    what: "fsck of a store with a corrupted object",
    args: ["fsck"],
    arrange: corrupted,
    code: "OBJECT_CORRUPTED",
  },
  {
    what: "fsck of a store that is a file",
    args: ["fsck"],
    arrange: all(drop(OBJECTS), put(OBJECTS, content)),
    code: "STORE_NOT_A_FOLDER",
  },
  {
    what: "a stored output that is corrupted",
    args: ["verify", BUNDLE, "--stored"],
    arrange: corrupted,
    code: "HASH_MISMATCH",
  },
  {
    what: "a stored output that is not there",
    args: ["verify", BUNDLE, "--stored"],
    arrange: all(drop(OBJECTS), put(`out/${fileName}`, content)),
    code: "OUTPUT_MISSING",
  },
  {
    what: "a stored output of a chain that is not there",
    args: ["chain", "verify", BUNDLE, "--stored"],
    arrange: drop(OBJECTS),
    code: "OUTPUT_MISSING",
  },
  {
    what: "restore from a store with a corrupted object",
    args: ["restore", BUNDLE, "--to", "target", "--from", "store"],
    arrange: all(folder("target"), corrupted),
    code: "RESTORE_VERIFY_STRICT_FAILED",
  },
  {
    what: "restore from a store that is not there",
    args: ["restore", BUNDLE, "--to", "target", "--from", "store"],
    arrange: all(folder("target"), drop(OBJECTS)),
    code: "RESTORE_VERIFY_STRICT_FAILED",
  },
];
