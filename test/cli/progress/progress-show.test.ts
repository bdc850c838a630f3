import { describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/output/io.ts";
import { TerminalLine } from "../../../src/cli/output/terminal-line.ts";
import { type ProgressOptions, showProgress } from "../../../src/cli/progress/show-progress.ts";
import type { Progress } from "../../../src/node/system/runtime/progress.ts";
import { quietIo } from "../../support/command/quiet-io.ts";

/** What happened, at which millisecond. */
interface Written {
  readonly at: number;
  readonly text: string;
}

/** Surroundings with a clock that the test advances. */
class FakeMachine {
  now = 0;
  clocks = 0;
  readonly interrupt = new AbortController();
  readonly written: Written[] = [];
  #timers: { readonly period: number; readonly act: () => void; next: number }[] = [];
  readonly io: Io;

  constructor(isTerminal: boolean, isOutTerminal: boolean = isTerminal) {
    const write = (text: string): boolean => this.written.push({ at: this.now, text }) > 0;
    this.io = quietIo({
      writeError: write,
      statusLine: isTerminal ? new TerminalLine({ write, columns: 80 }) : undefined,
      isOutTerminal,
      signal: this.interrupt.signal,
      ticks: () => this.now,
      every: (period, act) => {
        const timer = { period, act, next: this.now + period };
        this.#timers.push(timer);
        this.clocks += 1;
        return () => {
          this.#timers = this.#timers.filter((other) => other !== timer);
          this.clocks -= 1;
        };
      },
    });
  }

  /** Lets time pass, millisecond by millisecond. */
  pass(milliseconds: number): void {
    for (const end = this.now + milliseconds; this.now < end; ) {
      this.now += 1;
      for (const timer of this.#timers) {
        if (this.now < timer.next) continue;
        timer.next = this.now + timer.period;
        timer.act();
      }
    }
  }
}

/** Shows one phase of a thousand files, of which one is done each ten milliseconds. */
function watch(how: ProgressOptions, isTerminal: boolean, milliseconds: number): readonly Written[] {
  const machine = new FakeMachine(isTerminal);
  {
    using shown = showProgress(how, machine.io);
    const port: Progress | undefined = shown;
    port?.begin("verify", { files: 1000, bytes: 1_000_000 }, () => {
      const files = Math.floor(machine.now / 10);
      return { files, bytes: files * 1000 };
    });
    machine.pass(milliseconds);
  }
  expect(machine.clocks, "no clock goes on").toBe(0);
  return machine.written;
}

describe("showing progress", () => {
  it("at a terminal begins after half a second, draws ten times a second at most, and clears the line", () => {
    const written = watch({ progress: "auto" }, true, 5000);
    const frames = written.filter(({ text }) => text.includes("verifying"));
    expect(frames[0]?.at).toBeGreaterThanOrEqual(500);
    expect(frames[0]?.at).toBeLessThan(700);
    for (const [index, { at }] of frames.entries()) {
      if (index > 0) expect(at - (frames[index - 1]?.at ?? 0)).toBeGreaterThanOrEqual(100);
    }
    expect(frames.length).toBeGreaterThan(35);
    expect(frames.at(-1)?.text).toMatch(
      /verifying 4\d%, 4\d\d of 1,000 files, 0\.4\d of 1\.00 MB, \d[\d.]+ kB\/s, \d s left/,
    );
    expect(written.at(-1)).toEqual({ at: 5000, text: "\r\u001b[K" });
  });

  it("does nothing at all in a pipe, with none, and with --json unless a manner was named", () => {
    for (const [how, isTerminal] of [
      [{ progress: "auto" }, false],
      [{ progress: "auto", json: true }, true],
      [{ progress: "none" }, true],
    ] as const) {
      const machine = new FakeMachine(isTerminal);
      expect(showProgress(how, machine.io)).toBeUndefined();
      expect(machine.clocks).toBe(0);
    }
    expect(watch({ progress: "json", json: true }, true, 1).length).toBeGreaterThan(0);
  });

  it("at a terminal shows at once what is known to take long and leaves the clock no turn", () => {
    const machine = new FakeMachine(true);
    using shown = showProgress({ progress: "auto" }, machine.io);
    shown?.beginWhole("open", {});
    expect(machine.written).toEqual([{ at: 0, text: "\rreading the bundle\u001b[K" }]);
    machine.pass(2000);
    expect(new Set(machine.written.map(({ text }) => text)).size, "the same line").toBe(1);
    shown?.begin("verify", { files: 1 }, () => ({ files: 0, bytes: 0 }));
    expect(machine.written.at(-1)?.text).toBe("\r\u001b[K");
    machine.pass(200);
    expect(machine.written.at(-1)?.text).toContain("verifying");
  });

  it("at a terminal draws an unchanged line again, so that what a person types there is gone", () => {
    const machine = new FakeMachine(true);
    using shown = showProgress({ progress: "auto" }, machine.io);
    shown?.begin("list", {}, () => ({ files: 0, bytes: 0 }));
    machine.pass(1000);
    expect(machine.written.length).toBeGreaterThan(2);
  });

  it("says after a signal that what was begun is taken back, once, and draws nothing from then on", () => {
    const machine = new FakeMachine(true);
    using shown = showProgress({ progress: "auto" }, machine.io);
    shown?.begin("stage", { files: 1 }, () => ({ files: 0, bytes: 0 }));
    machine.pass(1000);
    machine.interrupt.abort(130);
    machine.pass(5000);
    expect(machine.written.slice(-2).map(({ text }) => text)).toEqual([
      "\r\u001b[K",
      "interrupted while copying: taking back what was begun\n",
    ]);
    shown?.end();
    expect(machine.clocks).toBe(0);
  });

  it("draws nothing while something else goes on, and nothing of what is soon over after it", () => {
    const machine = new FakeMachine(true);
    using shown = showProgress({ progress: "auto" }, machine.io);
    const begin = (): void => shown?.begin("scratch", { files: 1 }, () => ({ files: 0, bytes: 0 }));
    begin();
    machine.pass(50);
    shown?.end();
    machine.pass(60_000);
    expect(machine.written, "a command that runs has the terminal for itself").toEqual([]);
    begin();
    machine.pass(450);
    expect(machine.written).toEqual([]);
    machine.pass(250);
    expect(machine.written.at(-1)?.text).toContain("hashing scratch folders 0%, 0 of 1 file");
  });

  it("plain has a line every ten seconds, also at a terminal", () => {
    for (const isTerminal of [true, false]) {
      const written = watch({ progress: "plain" }, isTerminal, 35_000);
      expect(written).toHaveLength(3);
      for (const [index, { at, text }] of written.entries()) {
        expect(Math.abs(at - (index + 1) * 10_000)).toBeLessThan(100);
        expect(text).toMatch(/^progress: verifying \d+%, [^\n]+\n$/);
      }
    }
  });

  it("json has an event at the beginning, each second, and at the end", () => {
    const written = watch({ progress: "json" }, true, 3500);
    const events = written.map(({ text }) => JSON.parse(text) as Record<string, unknown>);
    expect(events.map(({ moment }) => moment)).toEqual(["begin", "going-on", "going-on", "going-on", "end"]);
    for (const { text } of written) expect(text).toMatch(/^\{[ -~]+\}\n$/);
    expect(events[0]).toEqual({
      event: "progress",
      phase: "verify",
      moment: "begin",
      files: 0,
      total_files: 1000,
      bytes: 0,
      total_bytes: 1_000_000,
      seconds: 0,
      bytes_per_second: null,
      seconds_left: null,
    });
    expect(events.at(-1)).toMatchObject({ files: 350, bytes: 350_000, seconds: 3.5, seconds_left: 6.5 });
  });

  it("forgets the pace of more than ten seconds ago", () => {
    const machine = new FakeMachine(true);
    using shown = showProgress({ progress: "auto" }, machine.io);
    // Nothing for a minute, then a megabyte a second.
    const bytes = (): number => Math.max(0, machine.now - 60_000) * 1000;
    shown?.begin("hash", { files: 1, bytes: 100_000_000 }, () => ({ files: 0, bytes: bytes() }));
    machine.pass(71_900);
    expect(machine.written.at(-1)?.text).toMatch(/ of 100 MB, 1\.00 MB\/s, 1 min 2\d s left/);
  });

  it("never counts beyond the whole, whatever a stranger declares it to be", () => {
    const machine = new FakeMachine(true);
    using shown = showProgress({ progress: "auto" }, machine.io);
    shown?.begin("verify", { files: 1, bytes: 1 }, () => ({ files: 0, bytes: 5_000_000 }));
    machine.pass(1000);
    expect(machine.written.at(-1)?.text).toContain("verifying 100%, 0 of 1 file, 5,000,000 of 1 byte");
  });
});

describe("progress of what a person pages", () => {
  it.each([
    [true, "auto", true],
    [false, "auto", false],
    [false, "plain", true],
  ] as const)(
    "where stdout is a terminal: %s, with --progress %s: is shown: %s",
    (isOut, progress, isShown) => {
      const { io } = new FakeMachine(true, isOut);
      using shown = showProgress({ progress }, io, true);
      expect(shown !== undefined).toBe(isShown);
    },
  );
});
