import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE, type Project } from "../../../support/command/cli.ts";
import { overwrite, packNames, placeObject } from "../../../support/store/packs.ts";
import { all, artifact, drop, folder, put, type Way } from "./way.ts";

const { content, fileName } = PRIVATE;
const OBJECTS = ".runseal/objects";
const PACKS = ".runseal/packs";

/** Another content in the place of what the store keeps of `out/a.txt`, in a file: the pack holds nothing any more. */
function corrupted(project: Project): void {
  drop(PACKS)(project);
  placeObject(project.root, "alpha\n", { bytes: content });
}

/** A pack without its end. */
function torn(project: Project): void {
  const [name = ""] = packNames(project.root);
  overwrite(project.at(PACKS, name), (bytes) => bytes.subarray(0, 100));
}

const DIGEST = "b6a98d9ce9a2d9149288fa3df42d377c3e42737afdcdaf714e33c0a100b51060";

/** Damaged stores, and the commands that rely on them. */
export const STORE_WAYS: readonly Way[] = [
  {
    what: "prune of a root that is not there",
    args: ["prune", "--project", "nope"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  {
    what: "prune beside a bundle that is no JSON",
    args: ["prune"],
    arrange: artifact("STATUS", () => content),
    code: "STORE_UNUSABLE bundle",
  },
  {
    what: "prune of a store that is a file",
    args: ["prune"],
    arrange: put(OBJECTS, content),
    code: "STORE_UNUSABLE folder",
  },
  {
    what: "prune where a foreign file has the lock's name",
    args: ["prune"],
    arrange: put(".runseal/lock", content),
    code: "LOCKED project",
  },
  ...[
    ["--key", "k"],
    ["--key", "agent:"],
    ["--project", ".", "--guard", "."],
    ["--guard", ".", "--all-guards"],
  ].map((args) => ({
    what: `prune of a project with ${args.join(" ")}`,
    args: ["prune", ...args],
    code: "USAGE",
  })),
  ...["prune", "store check"].map((verb) => ({
    what: `${verb} outside of a project`,
    args: verb.split(" "),
    arrange: drop(".runseal"),
    code: "PROJECT_NOT_FOUND",
  })),
  { what: "store cat of a path", args: ["store", "cat", "out/a.txt"], code: "USAGE" },
  {
    what: "store check of a root that is not there",
    args: ["store", "check", "--project", "nope"],
    code: "PATH_NOT_FOUND folder",
    cause: /ENOENT/,
  },
  {
    what: "store check of a store with a corrupted object",
    args: ["store", "check"],
    arrange: corrupted,
    code: "STORE_DAMAGED object",
  },
  {
    what: "store check of a store that is a file",
    args: ["store", "check"],
    arrange: all(drop(PACKS), put(PACKS, content)),
    code: "STORE_UNUSABLE folder",
  },
  {
    what: "store check of a store with a torn pack",
    args: ["store", "check"],
    arrange: torn,
    code: "STORE_DAMAGED pack",
  },
  {
    what: "store cat of an object that the store does not have",
    args: ["store", "cat", "0".repeat(64)],
    code: "OBJECT_NOT_FOUND",
  },
  {
    what: "store cat of a corrupted object",
    args: ["store", "cat", DIGEST],
    arrange: corrupted,
    code: "STORE_DAMAGED object",
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
    arrange: all(drop(PACKS), put(`out/${fileName}`, content)),
    code: "OUTPUT_MISSING",
  },
  {
    what: "a stored output of a chain that is not there",
    args: ["verify", "--history", BUNDLE, "--stored"],
    arrange: drop(PACKS),
    code: "OUTPUT_MISSING",
  },
  {
    what: "restore from a store with a corrupted object",
    args: ["restore", BUNDLE, "--to", "target"],
    arrange: all(folder("target"), corrupted, put("out/a.txt", content)),
    code: "RESTORE_VERIFY_STRICT_FAILED",
  },
];
