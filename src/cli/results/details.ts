/** The facts of failures. @module */

import type { Code, Count, EntryKind, Ordinal, Path, RunId, Sha256 } from "./words.ts";

/** The facts of a failure, each where it applies; after a dry run, what would be done. */
export interface DetailsFacts {
  /** The artifact that failed. */
  readonly artifact?: string | undefined;
  /** The path that failed. */
  readonly path?: Path | undefined;
  /** The path of an entry of an archive, as the archive has it. */
  readonly member?: string | undefined;
  /** A place in an archive, in bytes from its beginning. */
  readonly offset?: Count | undefined;
  /** What should be there: of `TREE_ENTRY_DIFFERS`, a kind, a target or a mode in three octal digits. */
  readonly expected?: string | null | undefined;
  /** What is there, in the same form. Absent if nothing is. */
  readonly actual?: string | undefined;
  /** What of an entry differs. */
  readonly aspect?: "kind" | "target" | "mode" | undefined;
  /** What lies at `path`. */
  readonly kind?: EntryKind | undefined;
  /** Of `EXPECTATION_FAILED`: what was expected. */
  readonly what?: "root" | "id" | "chain_root" | undefined;
  /** The size of the outputs up to and including `path`, which was not read because they are larger than declared. */
  readonly found_bytes?: Count | undefined;
  /** What the bundle declares for all outputs. */
  readonly declared_bytes?: Count | undefined;
  /** Names that are missing; of `HISTORY_FAILED_RUN_MISSING` the runs. */
  readonly missing?: readonly (string | FailedRunFacts)[] | undefined;
  /** Names that should not be there. */
  readonly extra?: readonly string[] | undefined;
  /** The condition that PROOF.json states. */
  readonly condition?: string | null | undefined;
  /** The member of an artifact that failed. */
  readonly field?: string | undefined;
  /** The digest of the object that failed. */
  readonly object?: string | undefined;
  /** The run that failed. */
  readonly run_id?: RunId | null | undefined;
  /** The run id that the bundle is bound to, where its folder has another name. */
  readonly sealed_as?: RunId | undefined;
  /** Runs that wait for a signer, where a signed one was not found. */
  readonly waiting?: readonly RunId[] | undefined;
  /** Names that occur twice. */
  readonly duplicates?: readonly string[] | undefined;
  /** The verifier's code, where a restore refused a bundle. */
  readonly verifier_code?: Code | undefined;
  /** Which case of the code, as [codes.md](codes.md) lists them, or why, in a word: `"link-on-the-way"` if a folder on the way to `path` is a link. */
  readonly reason?: string | undefined;
  /** Paths that were not taken back. Those that are in none of `edited`, `moved` and `occupied` have no folder any more. */
  readonly astray?: readonly Path[] | undefined;
  /** Those of `astray` whose files were edited in their places, and stay there. */
  readonly edited?: readonly Path[] | undefined;
  /** Those of `astray` whose files were moved or linked elsewhere. */
  readonly moved?: readonly MovedFileFacts[] | undefined;
  /** Those of `astray` that something else has by now. */
  readonly occupied?: readonly Path[] | undefined;
  /** Paths that changed since. */
  readonly changed?:
    | readonly {
        /** The path. */
        readonly path: Path;
        /** `"added"` if the run left nothing there. */
        readonly change: "missing" | "other-type" | "other-bytes" | "other-target" | "added" | "other-mode";
        /** The later run or undo that left the path as it is. */
        readonly by?: RunId | undefined;
      }[]
    | undefined;
  /** Names that can't be sealed, or that a file system can't hold beside others. */
  readonly refused?:
    | readonly {
        /** The name. */
        readonly path: Path;
        /** The rule that it breaks; absent with `ENTRIES_REFUSED` `links-leave-root`. */
        readonly reason?: string | undefined;
        /** The path that it collides with. */
        readonly other?: Path | undefined;
        /** The target of a link. */
        readonly target?: string | undefined;
      }[]
    | undefined;
  /** Names that the message speaks of. */
  readonly names?: readonly string[] | undefined;
  /** How many others there are beside `names`. */
  readonly more?: Count | undefined;
  /** The name of a key. */
  readonly key?: string | undefined;
  /** How long was waited. */
  readonly seconds?: number | undefined;
  /** An exit code, or the status of an answer of HTTP. */
  readonly status?: Count | undefined;
  /** The signal that ended a command. */
  readonly signal?: string | undefined;
  /** How much evidence is read at most. */
  readonly limit?: Count | undefined;
  /** What `limit` counts. */
  readonly unit?: "bytes" | "subjects" | undefined;
  /** The line that caused the failure. */
  readonly line?: Count | undefined;
  /** The entry of a list that caused it, from 1. */
  readonly entry?: Count | undefined;
  /** Paths of the proof that may be meant. */
  readonly candidates?: readonly Path[] | undefined;
  /** The file that holds the head seen last. */
  readonly remembered?: string | undefined;
  /** After a dry run, paths of files; of an undo, what happens to each. */
  readonly paths?: readonly (Path | PlannedStepFacts)[] | undefined;
  /** After a dry run: links. */
  readonly links?: readonly LinkFacts[] | undefined;
  /** After a dry run: empty folders. */
  readonly folders?: readonly Path[] | undefined;
  /** After a dry run: the folder that files go to. */
  readonly root?: string | undefined;
  /** The root that a finding is about. */
  readonly bundle_root?: Sha256 | undefined;
  /** The runs that a finding is about. */
  readonly run_ids?: readonly RunId[] | undefined;
  /** The target of a link. */
  readonly target?: string | undefined;
  /** The format of evidence that can't hold a name. */
  readonly format?: string | undefined;
  /** A repository of a registry or an OCI layout, as the caller gave it. */
  readonly reference?: string | undefined;
  /** The address that was asked. */
  readonly url?: string | undefined;
  /** Of `HISTORY_GUARD_MISSING`: the roots of the missing snapshots. */
  readonly missing_snapshots?: readonly Sha256[] | undefined;
  /** More than the code and `reason` say: a sentence, the error that a registry names, or a word. `"here"` if a file or folder of the current folder has the name that was taken for a run id. Of `GUARD_CANNOT_CONFINE`, `"setpriv-missing"`, `"setpriv-too-old"`, `"kernel"`, `"root"` or `"kept-within"`. */
  readonly why?: string | undefined;
  /** Why the folder of a guard is refused. */
  readonly refusal?: "link" | "owner" | "mode" | "malformed" | "other-folder" | "inside" | undefined;
  /** Bytes that are needed. */
  readonly bytes?: Count | undefined;
  /** Bytes that are free; absent if holes are too many bytes. */
  readonly free?: Count | undefined;
  /** The ten largest files and folders. */
  readonly largest?:
    | readonly {
        /** The path. */
        readonly path: Path;
        /** Its bytes. */
        readonly bytes: Count;
      }[]
    | undefined;
  /** What an undo can't do. */
  readonly blocked?:
    | readonly {
        /** The path, empty for the folder itself. */
        readonly path: Path;
        /** `"holds-others"`: something that is not of the run, or not guarded, is in the way. `"parent"`: what is above it is not a folder. `"closed"`: its folder belongs to another user and can't be written to. `"owner"`: it belongs to another user. `"object-missing"`: its bytes are not in the store. `"other-file-system"`: something is mounted there. */
        readonly reason:
          | "holds-others"
          | "parent"
          | "unreadable"
          | "closed"
          | "owner"
          | "object-missing"
          | "other-file-system";
      }[]
    | undefined;
  /** Files that are open. */
  readonly open?:
    | readonly {
        /** The path. */
        readonly path: Path;
        /** The process that has it open. */
        readonly pid: Ordinal;
        /** The name of its program. */
        readonly command: string;
      }[]
    | undefined;
  /** Of `UNDO_NO_AFTER`: the snapshot to go back to, if there is one. */
  readonly before?: string | undefined;
  /** More files, links and folders than a tree may have, or more blobs than a manifest carries. */
  readonly entries?: Count | undefined;
}

/** A file that has another name than its own. */
export interface MovedFileFacts {
  /** Where it was put. */
  readonly path: Path;
  /** Its name in the staging folder: `find -samefile` finds its other names. */
  readonly staged: string;
}

/** A link. */
export interface LinkFacts {
  /** Its path. */
  readonly path: Path;
  /** Where it leads. */
  readonly target: string;
}

/** What an undo would do at a path. */
export interface PlannedStepFacts {
  /** The path. */
  readonly path: Path;
  /** What would be done. */
  readonly action: "replace" | "put-back" | "remove" | "mode" | "make-folder" | "remove-folder";
  /** What stands there, or would. */
  readonly kind: "file" | "link" | "folder";
}

/** A run that failed or was killed. */
export interface FailedRunFacts {
  /** The run. */
  readonly run_id: RunId;
  /** Its root; `null` for one that was killed before it had a bundle. */
  readonly bundle_root: Sha256 | null;
}
