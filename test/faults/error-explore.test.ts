import { it } from "vitest";
import type { Call, Errno } from "../support/faulty-file-system.ts";
import { runCell } from "./error-matrix.ts";
import { Workshop } from "./error-scenarios.ts";

const nth = (n: number, name: string, part = "") => {
  let c = 0;
  return (call: Call) => call.name === name && JSON.stringify(call.args).includes(part) && ++c === n;
};

it("explore", { timeout: 3_000_000 }, async () => {
  using w = await Workshop.open();
  const foreign = w.foreign();
  const restored = await w.after(foreign, w.restore);
  const scenarios = [
    await w.scenario("existing", foreign, w.restore),
    await w.scenario("new", foreign, w.restoreNew, w.recoverNew),
    await w.scenario("chain", foreign, w.restoreRuns),
    await w.scenario("only", foreign, w.restorePart),
    await w.scenario("undo", restored, w.undo),
    await w.recovery("rec placing", await w.killed(foreign, w.restore, nth(4, "linkSync"))),
    await w.recovery("rec committed", await w.killed(foreign, w.restore, nth(1, "unlinkSync"))),
    await w.recovery(
      "rec new filling",
      await w.killed(foreign, w.restoreNew, nth(1, "renameSync", "root")),
      w.recoverNew,
    ),
    await w.recovery(
      "rec new arrived",
      await w.killed(foreign, w.restoreNew, nth(1, "unlinkSync", "journal")),
      w.recoverNew,
    ),
    await w.recovery("rec undo", await w.killed(restored, w.undo, nth(3, "unlinkSync"))),
  ];
  const only = process.env["ONLY"];
  for (const s of scenarios) {
    if (only && !s.name.includes(only)) continue;
    const base = await runCell(w, s, {
      kind: "any",
      at: Infinity,
      errno: "EIO",
      when: "before",
      persists: false,
    });
    console.log(s.name, base.ending, base.why, base.calls.length);
    for (const kind of ["any", "change"] as const)
      for (const persists of [false, true])
        for (const when of ["before", "after"] as const)
          for (const errno of (process.env["ERR"] ?? "EIO,EACCES").split(",") as Errno[]) {
            if (kind === "change" && !persists) continue;
            const counts: Record<string, number> = {};
            const t0 = Date.now();
            const total =
              kind === "any"
                ? base.calls.length
                : (await runCell(w, s, { kind, at: Infinity, errno: "EIO", when: "before", persists: false }))
                    .calls.length;
            const shown: string[] = [];
            for (let at = 0; at < total; at++) {
              const cell = await runCell(w, s, { kind, at, errno, when, persists });
              counts[cell.ending] = (counts[cell.ending] ?? 0) + 1;
              if (cell.ending === "broken" || (!persists && cell.ending === "to recover" && !s.isRecovery))
                shown.push(`   ${at} ${cell.calls[at]} ${cell.ending} ${cell.why}`);
            }
            console.log(
              s.name,
              kind,
              errno,
              when,
              persists ? "persist" : "once",
              JSON.stringify(counts),
              Date.now() - t0,
              "ms\n" + shown.slice(0, 12).join("\n"),
            );
          }
  }
});
