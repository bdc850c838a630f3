import { FIRST_SEED, SECOND_SEED, testSigner } from "../../../support/bundles/bundle.ts";
import { PRIVATE } from "../../../support/command/canaries.ts";
import { BUNDLE } from "../../../support/command/cli.ts";
import { giveJournalKey } from "../../../support/command/stopped-cli.ts";
import { all, config, folder, put, type Way } from "./way.ts";

const CAUSE = new RegExp(PRIVATE.thrown);

/** A system call that fails with an errno, and the same call with an unexpected exception. */
function forced(
  args: readonly string[],
  call: string,
  [errnoCode, bugCode = "INTERNAL_ERROR"]: readonly [string, string?],
  more: Pick<Way, "arrange" | "changes"> = {},
): readonly Way[] {
  const common = { args, cause: CAUSE, ...more };
  const [name = "", nth = "1", errno = "EIO"] = call.split(":");
  const isGroup = ["key", "chain", "trust"].includes(args[0] ?? "");
  const what = `${args.slice(0, isGroup ? 2 : 1).join(" ")}: ${name} ${nth}`;
  return [
    { ...common, what: `${what} fails with ${errno}`, sabotage: `${name}:${nth}:${errno}`, code: errnoCode },
    { ...common, what: `${what} throws a bug`, sabotage: `${name}:${nth}:bug`, code: bugCode },
  ];
}

const VERIFY = ["verify", BUNDLE];
const RESTORE = ["restore", BUNDLE, "--to", "target"];
const KEY = `runseal-ed25519 ${testSigner(FIRST_SEED).publicKeyHex}`;
const target = folder("target");
/** The same, where the user has restored before. */
const keyed = all(target, giveJournalKey);
const otherKey = put("key", `${SECOND_SEED}\n`, 0o600);

/** Exceptions in the middle of every command, with every secret there is in their text. */
export const FORCED_WAYS: readonly Way[] = [
  ...forced(["key", "list"], "readdirSync", ["READ_FAILED"]),
  ...forced(["key", "show"], "readFileSync", ["READ_FAILED"]),
  ...forced(["seal", "out"], "fstatSync", ["READ_FAILED"]),
  ...forced(["seal", "out"], "readdirSync:2", ["READ_FAILED"]),
  ...forced(["seal", "out"], "renameSync:1:ENOSPC", ["WRITE_FAILED"]),
  ...forced(["seal", "out"], "fsyncSync:3", ["WRITE_FAILED"]),
  ...forced(VERIFY, "readSync:6", ["READ_FAILED"]),
  ...forced(VERIFY, "fstatSync:5", ["READ_FAILED"]),
  ...forced(VERIFY, "readdirSync", ["READ_FAILED"]),
  ...forced(["verify", "--history", BUNDLE], "fstatSync:4", ["READ_FAILED"]),
  ...forced(["sign", "--counter", BUNDLE, "--key", "key"], "renameSync:1:EROFS", ["WRITE_FAILED"], {
    arrange: otherKey,
  }),
  ...forced(["sign", "--counter", BUNDLE, "--key", "key"], "fsyncSync", ["WRITE_FAILED"], {
    arrange: otherKey,
  }),
  ...forced(["trust", "add", "new", KEY], "renameSync:1:EROFS", ["WRITE_FAILED"]),
  ...forced(["key", "default", "default"], "fsyncSync:2", ["IN_DOUBT"], {
    changes: "the key is the default one already: whether it stays so is in doubt",
  }),
  ...forced(["trust", "list"], "fstatSync", ["TRUST_FILE_UNREADABLE"]),
  ...forced(["key", "passwd", "default", "--no-passphrase"], "renameSync:1:EROFS", ["WRITE_FAILED"]),
  ...forced(["key", "new", "new", "--no-passphrase"], "writeSync:1:ENOSPC", ["WRITE_FAILED"]),
  ...forced(RESTORE, "accessSync:1:EROFS", ["RESTORE_TARGET_NOT_WRITABLE"], { arrange: target }),
  ...forced(RESTORE, "mkdirSync", ["RESTORE_STATE_UNAVAILABLE"], { arrange: target }),
  ...forced(RESTORE, "mkdirSync:2", ["RESTORE_INTERNAL_ERROR", "RESTORE_INTERNAL_ERROR"], { arrange: keyed }),
  ...forced(RESTORE, "linkSync:2:EXDEV", ["RESTORE_FINALIZE_FAILED", "RESTORE_INTERNAL_ERROR"], {
    arrange: keyed,
  }),
  ...forced(RESTORE, "writeSync:1:ENOSPC", ["RESTORE_INTERNAL_ERROR", "RESTORE_INTERNAL_ERROR"], {
    arrange: keyed,
  }),
  ...forced(["init", "--name", "new", "--no-passphrase"], "writeSync:1:ENOSPC", ["WRITE_FAILED"], {
    arrange: config("runseal/keys/x", ""),
  }),
];
