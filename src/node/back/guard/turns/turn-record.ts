/**
 * The turns of coding agents: one prompt, and all that followed it. A turn is a record in the guard's own folder that names the snapshots
 * from before and after it, as `running/` does for a guarded run (`running-record.ts`). `.runseal/turns/turn-SESSION-NUMBER.json`:
 *
 *     {"after":"…","before":"…","failure":null,"number":7,"session":"…","started":"2026-11-25T01:02:03Z","version":1}
 *
 * `session` is the SHA-256 of the agent's id of the session: an agent's text becomes no name. The record is there before the folder is
 * looked at, so that a hook that is killed leaves a turn without a snapshot, and not the changes of one turn in another. Not signed: a
 * reader looks for snapshots with these roots in the history.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import {
  count,
  DIGEST,
  encodeUtf8,
  type HexDigest,
  MOMENT,
  orNull,
  recordFile,
  text,
} from "../../../../core/internal.ts";
import { ownFolderOf, RUNS_NAME } from "../../../records/project/project-names.ts";
import { AnchoredDir } from "../../../system/files/anchored-dir.ts";
import { nodeFileSystem as fs } from "../../../system/files/file-system.ts";
import { makeFolder } from "../../../system/files/make-folders.ts";
import { PlacedFile } from "../../../system/files/placed-file.ts";
import { readRecord, writeRecord } from "../../../system/files/record-file.ts";
import { tolerate, unlessRefused } from "../../../system/runtime/machine-reason.ts";
import { digestOf } from "../../../system/runtime/node-crypto.ts";

/** The folder of the records in a guard's own folder. */
const TURNS_NAME = "turns";

/** A record has three digests and a time. */
const MAX_BYTES = 4096;

const ENDING = ".json";

/** The digits of a session's hash that are in a name. */
const SESSION_DIGITS = 12;

/** A turn of an agent. */
export interface Turn {
  /** SHA-256 of the agent's id of the session. */
  readonly session: HexDigest;
  /** From 1, in the order of the session. */
  readonly number: number;
  /** RFC 3339, by this machine's clock. */
  readonly started: string;
  /** The root of the snapshot from before the prompt; undefined if there is none. */
  readonly before: HexDigest | undefined;
  /** The root of the snapshot from after the agent's answer; undefined while it works, and if it was interrupted. */
  readonly after: HexDigest | undefined;
  /** Why there is no snapshot from before, or none from after: a code. `KILLED` until the hook ends. */
  readonly failure: string | undefined;
}

const TURN = recordFile<Turn>(1, {
  session: DIGEST,
  number: count(),
  started: MOMENT,
  before: orNull(DIGEST),
  after: orNull(DIGEST),
  failure: orNull(text((code) => /^[A-Z_]{1,64}$/.test(code))),
});

/** The hash of an agent's id of a session. */
export function sessionOf(id: string): HexDigest {
  return digestOf(encodeUtf8(id));
}

/** The name of a turn, which is also a run id: its snapshots are `TURN.before` and `TURN.after`. */
export function turnIdOf(turn: Pick<Turn, "number" | "session">): string {
  return `turn-${digitsOf(turn)}-${turn.number}`;
}

/** The digits of its session in the name of a turn. */
export function digitsOf({ session }: Pick<Turn, "session">): string {
  return session.slice(0, SESSION_DIGITS);
}

/** What a name of a turn says; undefined for any other name. */
export function parseTurnId(name: string): { readonly session: string; readonly number: number } | undefined {
  const [, session, number] = /^turn-([0-9a-f]{12})-([1-9][0-9]{0,8})$/.exec(name) ?? [];
  return session === undefined ? undefined : { session, number: Number(number) };
}

/** Reads all turns of a guard, by its `.runseal`, the newest last. What runseal did not write is passed over. Throws what the system says. */
export function readTurns(own: AnchoredDir): readonly Turn[] {
  using folder = own.enterIfThere(TURNS_NAME);
  const read = (folder?.names() ?? []).flatMap((name) => {
    const turn = name.endsWith(ENDING) ? folder && readRecord(folder, name, MAX_BYTES, TURN) : undefined;
    return typeof turn === "object" && nameOf(turn) === name ? [turn] : [];
  });
  return read.sort((one, other) =>
    one.started === other.started ? one.number - other.number : one.started < other.started ? -1 : 1,
  );
}

/** The turns of the guard in a folder, as `readTurns` gives them; none if they can't be read. */
export function readTurnsOf(home: string): readonly Turn[] {
  const turns = unlessRefused(() => {
    using own = AnchoredDir.open(ownFolderOf(home));
    return readTurns(own);
  });
  return turns ?? [];
}

/**
 * Takes the next number of a session, with a record without a snapshot. Hooks of one session may do so at once. Not durable: after a power
 * cut, no agent goes on with the turn. Throws what the system says.
 */
export function claimTurn(own: AnchoredDir, session: HexDigest, started: string): Turn {
  if (makeFolder(own, TURNS_NAME, 0o777)) fs.fsyncSync(own.fd);
  using folder = own.enter(TURNS_NAME);
  for (let number = nextNumber([folder.names(), runNames(own)], session); ; number++) {
    const turn: Turn = { session, number, started, before: undefined, after: undefined, failure: "KILLED" };
    const name = nameOf(turn);
    using file = new PlacedFile(folder.address(`${name}.${randomBytes(8).toString("hex")}.new`));
    file.add(TURN.encode(turn));
    // ENOENT: `prune` took the new file for one of a killed hook.
    if (tolerate(["EEXIST", "ENOENT"], () => file.link(folder.address(name)))) return turn;
  }
}

/** Writes what is known of a turn by now, durably. Throws what the system says. */
export function saveTurn(own: AnchoredDir, turn: Turn): void {
  using folder = own.enter(TURNS_NAME);
  const write = (): void => writeRecord(folder, nameOf(turn), TURN.encode(turn), 0o600);
  // [turn-record] Before the agent changes anything. Again where `prune` took the new file for one of a killed hook.
  if (!tolerate(["ENOENT"], write)) write();
}

/** Removes the records for which `isNeeded` does not hold, and what killed hooks left. Throws what the system says. */
export function sweepTurns(own: AnchoredDir, isNeeded: (turn: Turn) => boolean): void {
  using folder = own.enterIfThere(TURNS_NAME);
  if (folder === undefined) return;
  for (const name of folder.names()) {
    const turn = name.endsWith(ENDING) ? readRecord(folder, name, MAX_BYTES, TURN) : "malformed";
    if (typeof turn !== "object" || !isNeeded(turn)) tolerate(["ENOENT"], () => folder.unlink(name));
  }
}

/** Removes the record of one turn. Throws what the system says. */
export function dropTurn(own: AnchoredDir, turn: Turn): void {
  using folder = own.enter(TURNS_NAME);
  folder.unlink(nameOf(turn));
}

function nameOf(turn: Turn): string {
  return `${turnIdOf(turn)}${ENDING}`;
}

function runNames(own: AnchoredDir): readonly string[] {
  using runs = own.enterIfThere(RUNS_NAME);
  return runs?.names() ?? [];
}

/** Above that of any record, and of any snapshot whose record was removed. */
function nextNumber(lists: readonly (readonly string[])[], session: HexDigest): number {
  let last = 0;
  for (const names of lists)
    for (const name of names) {
      const turn = parseTurnId(name.slice(0, name.indexOf(".") >>> 0));
      if (turn?.session === digitsOf({ session })) last = Math.max(last, turn.number);
    }
  return last + 1;
}
