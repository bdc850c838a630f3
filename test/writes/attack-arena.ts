/**
 * A folder of an ordinary user's, in which root runs commands while that user's process attacks them
 * (`support/folder-attacker.c`), and a file and a folder of root's beside it that nothing may touch.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeFolder, removeTree } from "../support/files/tree.ts";

const ATTACKER = fileURLToPath(new URL("../support/files/folder-attacker.c", import.meta.url));

/** The attacking user. */
const ATTACKER_UID = 65_534;

/** Why no attack can be made here; undefined where one can. */
export function attackObstacle(): string | undefined {
  if (process.platform !== "linux") return "the attacker needs inotify";
  if (process.getuid?.() !== 0) return "only root can be attacked by another user here";
  return spawnSync("cc", ["--version"]).error === undefined
    ? undefined
    : "there is no C compiler (cc) to build folder-attacker.c";
}

/** The file and the folder of root's, as they are. */
export interface Untouchable {
  readonly victim: string;
  readonly outside: string;
}

/** The folders, and the attacker at work. */
export class AttackArena implements AsyncDisposable {
  /** Of root's own, closed to the attacker. */
  readonly safe: string;
  /** What is prepared there is handed over by `handOver`. */
  readonly theirs: string;
  /** A file of root's, 0600. */
  readonly victim: string;
  readonly #folder: string = makeFolder();
  readonly #outside: string;
  readonly #attacker: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const [program, hideout] = [join(this.#folder, "attacker"), join(this.#folder, "hideout")];
    this.safe = join(this.#folder, "safe");
    this.theirs = join(this.#folder, "theirs");
    this.#outside = join(this.#folder, "outside");
    this.victim = join(this.#folder, "victim");
    chmodSync(this.#folder, 0o755);
    mkdirSync(this.safe, { mode: 0o700 });
    for (const folder of [this.theirs, hideout]) mkdirSync(folder);
    for (const folder of [this.theirs, hideout]) chownSync(folder, ATTACKER_UID, ATTACKER_UID);
    this.heal();
    const built = spawnSync("cc", ["-O1", "-o", program, ATTACKER], { encoding: "utf8" });
    if (built.status !== 0) throw new Error(built.stderr);
    this.#attacker = spawn(program, [hideout, this.victim, this.#outside], {
      uid: ATTACKER_UID,
      gid: ATTACKER_UID,
      stdio: ["pipe", "pipe", "inherit"],
    });
    // On a busy machine it would sleep through every moment that matters.
    if (this.#attacker.pid !== undefined) setPriority(this.#attacker.pid, -10);
    if (this.#attacker.stdout === null) throw new Error("the attacker has no stdout");
    this.#lines = createInterface(this.#attacker.stdout)[Symbol.asyncIterator]();
  }

  /** Puts the file and the folder of root's back: what was given away once could be taken with ease from then on. */
  heal(): void {
    rmSync(this.victim, { force: true });
    removeTree(this.#outside);
    mkdirSync(this.#outside);
    writeFileSync(this.victim, "root's\n", { mode: 0o600 });
    writeFileSync(join(this.#outside, "file"), "root's as well\n", { mode: 0o600 });
  }

  /** Gives the attacker everything below a folder but root's private keys and the record of a killed restore. */
  handOver(folder: string): void {
    lchownSync(folder, ATTACKER_UID, ATTACKER_UID);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const address = join(folder, entry.name);
      if (entry.name.endsWith(".key") || entry.name.startsWith(".spectrum06_")) continue;
      if (entry.isDirectory()) this.handOver(address);
      else lchownSync(address, ATTACKER_UID, ATTACKER_UID);
    }
  }

  /** Runs something while the attacker is at work in a folder. Gives how many exchanges succeeded. */
  async during(folder: string, act: () => Promise<unknown>, order: "go" | "calm" = "go"): Promise<number> {
    await this.#order(`${order} ${folder}`);
    await act();
    return Number(await this.#order("stop"));
  }

  /** What the attacker has no right to: bytes, owners, modes, and the moment of the last change of any of them. */
  untouchable(): Untouchable {
    const look = (address: string): string => {
      const { ctimeNs, gid, ino, mode, nlink, size, uid } = lstatSync(address, { bigint: true });
      return [address, ino, uid, gid, mode, nlink, size, ctimeNs].join(" ");
    };
    const inside = readdirSync(this.#outside).map((name) => look(join(this.#outside, name)));
    return {
      victim: `${look(this.victim)} ${readFileSync(this.victim, "hex")}`,
      outside: [look(this.#outside), ...inside].join("\n"),
    };
  }

  /** Which of the two has changed. */
  changes(before: Untouchable): readonly string[] {
    const now = this.untouchable();
    return (["victim", "outside"] as const).filter((which) => now[which] !== before[which]);
  }

  async #order(line: string): Promise<string> {
    this.#attacker.stdin?.write(`${line}\n`);
    const { value } = await this.#lines.next();
    return String(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#attacker.exitCode === null && this.#attacker.kill("SIGKILL"))
      await once(this.#attacker, "exit");
    removeTree(this.#folder);
  }
}
