/**
 * Commands that replace one file which others may edit too: the trust file, COUNTERSIGNATURES.json and the name of the
 * default key.
 *
 * @module
 */

import { chownSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FIRST_SEED, SECOND_SEED, sealBundle, testSigner, writeBundle } from "../support/bundles/bundle.ts";
import { countersignatureOf, countersignaturesFile } from "../support/bundles/countersign.ts";
import { type Facts, namesIn } from "../support/command/cli.ts";
import { placeKey, textOf } from "./home-files.ts";
import { saidCase, type WriteCell } from "./write-cell.ts";
import type { Ended, WriteScenario } from "./write-matrix.ts";

const THIRD_SEED = "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f";
const ORDINARY_USER = 65_534;

const OLD = `# mine\nalice runseal-ed25519 ${testSigner(FIRST_SEED).publicKeyHex}\n`;
const BOB = `bob runseal-ed25519 ${testSigner(SECOND_SEED).publicKeyHex}\n`;
const ADD = ["trust", "add", "bob", testSigner(SECOND_SEED).publicKeyHex];
const REMOVE = ["trust", "remove", "bob"];

const OWN = "home/.config/runseal/trust";
const OTHER = "shared/signers";
const DEFAULT_KEY = "home/.config/runseal/default-key";

const BUNDLE = sealBundle({ bind: true });
const COUNTERSIGNATURES = "project/bundle/run/run-001/COUNTERSIGNATURES.json";
const COUNTERSIGN = ["sign", "--counter", "bundle/run/run-001", "--files", "bundle/files", "--any-signer"];

/** A command that replaces a file, and the file's text before and after. */
interface Replacing {
  readonly args: readonly string[];
  readonly file: string;
  readonly before: string | undefined;
  readonly after: string;
  /** What the same command says where its work is done already. */
  readonly done: string;
  /** A command that must accept the file, whichever of the two it is. */
  readonly read: (cell: WriteCell) => readonly string[];
}

const BOTH = OLD + BOB;
/** Adding a line twice changes nothing, and ends with OK. */
const ADDING = { args: ADD, before: OLD, after: BOTH, done: "OK" };
const REMOVING = { args: REMOVE, before: BOTH, after: OLD, done: "TRUST_LINE_NOT_FOUND" };
const readOwn = (): readonly string[] => ["trust", "list"];
const readOther = (cell: WriteCell): readonly string[] => ["trust", "list", "--trust", cell.at(OTHER)];

export const TRUST_SCENARIOS: readonly WriteScenario[] = [
  replacing("trust add", { ...ADDING, file: OWN, read: readOwn }, placeTrust),
  replacing("trust add, no file yet", { ...ADDING, before: undefined, after: BOB, file: OWN, read: readOwn }),
  replacing(
    "trust add --trust, another's file",
    { ...ADDING, args: [...ADD, "--trust", "../shared/signers"], file: OTHER, read: readOther },
    placeTrust,
  ),
  replacing("trust remove", { ...REMOVING, file: OWN, read: readOwn }, placeTrust),
];

export const COUNTERSIGN_SCENARIOS: readonly WriteScenario[] = [
  countersigning("countersign, first", undefined),
  countersigning("countersign, later", countersignatureOf(THIRD_SEED, BUNDLE)),
];

/** Revoking twice changes nothing, and ends with OK. */
const REVOKING = {
  args: ["trust", "revoke", "bob"],
  before: BOTH,
  after: OLD + BOB.replace(" ", " revoked "),
  done: "OK",
};
const AT = "202611270000";

export const REVOKE_SCENARIOS: readonly WriteScenario[] = [
  replacing("trust revoke", { ...REVOKING, file: OWN, read: readOwn }, placeTrust),
  replacing(
    "trust revoke --at, another's file",
    {
      ...REVOKING,
      args: [...REVOKING.args, "--at", AT, "--trust", "../shared/signers"],
      after: OLD + BOB.replace(" ", ` revoked="${AT}" `),
      file: OTHER,
      read: readOther,
    },
    placeTrust,
  ),
];

export const KEY_DEFAULT_SCENARIOS: readonly WriteScenario[] = [
  choosing("key default, first", undefined),
  choosing("key default, another", "alice\n"),
];

function choosing(name: string, before: string | undefined): WriteScenario {
  const args = ["key", "default", "bob"];
  const read = (): readonly string[] => ["key", "list"];
  return replacing(name, { args, file: DEFAULT_KEY, before, after: "bob\n", done: "OK", read }, (cell) => {
    placeKey(cell, "alice", FIRST_SEED);
    placeKey(cell, "bob", SECOND_SEED);
    if (before !== undefined) writeFileSync(cell.at(DEFAULT_KEY), before, { mode: 0o644 });
  });
}

type Prepare = (cell: WriteCell, replacing: Replacing) => void;

function replacing(name: string, what: Replacing, prepare: Prepare = () => undefined): WriteScenario {
  return {
    name,
    prepare: async (cell) => prepare(cell, what),
    args: () => what.args,
    judge: (cell, ended) => judgeReplaced(cell, ended, what),
  };
}

/** The file of another user, where root runs the tests. */
function placeTrust(cell: WriteCell, { before = "", file }: Replacing): void {
  mkdirSync(join(cell.at(file), ".."), { recursive: true });
  writeFileSync(cell.at(file), before, { mode: 0o640 });
  if (file !== OTHER || process.getuid?.() !== 0) return;
  for (const address of [cell.at(file), join(cell.at(file), "..")]) {
    chownSync(address, ORDINARY_USER, ORDINARY_USER);
  }
}

function countersigning(
  name: string,
  there: ReturnType<typeof countersignatureOf> | undefined,
): WriteScenario {
  const mine = countersignatureOf(SECOND_SEED, BUNDLE);
  const entries = there === undefined ? [] : [there];
  const what: Replacing = {
    args: COUNTERSIGN,
    file: COUNTERSIGNATURES,
    before: there === undefined ? undefined : momentless(String(countersignaturesFile(there))),
    after: momentless(String(countersignaturesFile(...entries, mine))) ?? "",
    done: "NOTHING_TO_ADD countersigned",
    read: (cell) => [
      "verify",
      cell.at("project/bundle/run/run-001"),
      "--files",
      cell.at("project/bundle/files"),
      "--any-signer",
    ],
  };
  return replacing(name, what, (cell) => {
    placeKey(cell, "bob", SECOND_SEED);
    mkdirSync(join(cell.project, "bundle"));
    writeBundle(join(cell.project, "bundle"), BUNDLE);
    if (there !== undefined) writeFileSync(cell.at(COUNTERSIGNATURES), countersignaturesFile(there));
  });
}

async function judgeReplaced(
  cell: WriteCell,
  { exitCode, fault }: Ended,
  { after, args, before, done, file, read }: Replacing,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const text = momentless(textOf(cell.at(file)));
  const isNew = text === after;
  if (!isNew && text !== before) problems.push(`the file is neither old nor new: ${JSON.stringify(text)}`);
  if (exitCode === 0 && !isNew) problems.push("exit 0, and the file is the old one");
  if (exitCode !== null && exitCode !== 0 && exitCode !== 9 && isNew && fault?.mode.endsWith("+") !== true)
    problems.push(`exit ${exitCode}, and the file is the new one`);
  const reading = await cell.look(read(cell));
  const notes = reading["notes"];
  if (reading["ok"] !== true || (Array.isArray(notes) && notes.length > 0))
    problems.push(`${read(cell)[0]} says ${reading["code"]} ${JSON.stringify(notes)}`);
  const again = await cell.run([...args, "--json"]);
  const code = saidCase(JSON.parse(again.stdout) as Facts);
  if (code !== (isNew ? done : "OK")) problems.push(`the same command again says ${code}`);
  if (momentless(textOf(cell.at(file))) !== after)
    problems.push("after the same command again the file is not the new one");
  return [...problems, ...wrongFiles(cell, file, before !== undefined)];
}

/** Countersignatures bear the moment of signing, which no variable sets. Whether they hold, `verify` says. */
function momentless(text: string | undefined): string | undefined {
  return text?.replaceAll(/"signature":"[0-9a-f]{128}","signed_at":"[^"]{20}"/g, "");
}

/** The folder of the file must hold what it held, and the file itself. */
function wrongFiles(cell: WriteCell, file: string, wasThere: boolean): readonly string[] {
  const problems: string[] = [];
  const stats = lstatSync(cell.at(file), { throwIfNoEntry: false });
  const isOthers = file === OTHER && process.getuid?.() === 0;
  if (isOthers && stats?.uid !== ORDINARY_USER) problems.push("the file has changed its owner");
  const mode = ((stats?.mode ?? 0) & 0o777).toString(8);
  const isShared = file !== COUNTERSIGNATURES && file !== DEFAULT_KEY;
  const wanted = isShared && wasThere ? "640" : "644";
  if (mode !== wanted) problems.push(`the file's mode is ${mode}`);
  const known = [...Object.keys(BUNDLE.artifacts), "COUNTERSIGNATURES.json", "trust", "signers", "keys"];
  if (file === DEFAULT_KEY) known.push("default-key");
  const strange = namesIn(join(cell.at(file), "..")).filter((name) => !known.includes(name));
  return strange.length === 0 ? problems : [...problems, `leaves ${strange}`];
}
