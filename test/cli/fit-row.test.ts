import { describe, expect, it } from "vitest";
import { type Cell, fitRow, plainForm } from "../../src/cli/commands/history/fit-row.ts";
import { fc } from "../support/properties.ts";

const RED = "\u001b[31m";

/** A run, a time, a signer in colour. */
const CELLS: readonly Cell[] = [
  [plainForm("build-1234567890")],
  [plainForm("2026-11-25T21:25:20Z"), plainForm("2026-11-25")],
  [
    { plain: "407ee17b alice (trusted)", shown: `407ee17b alice (${RED}trusted)` },
    { plain: "alice (trusted)", shown: `alice (${RED}trusted)` },
  ],
];

describe("a row of a list", () => {
  it("is whole without a terminal, and where there is room", () => {
    const whole = `build-1234567890  2026-11-25T21:25:20Z  407ee17b alice (${RED}trusted)`;
    expect(fitRow(CELLS, [1, 2], undefined)).toBe(whole);
    expect(fitRow(CELLS, [1, 2], 64)).toBe(whole);
  });

  it("shortens its cells in turn, and colours take no room", () => {
    expect(fitRow(CELLS, [1, 2], 63)).toBe(`build-1234567890  2026-11-25  407ee17b alice (${RED}trusted)`);
    expect(fitRow(CELLS, [1, 2], 45)).toBe(`build-1234567890  2026-11-25  alice (${RED}trusted)`);
  });

  it("cuts its first cell, and in a very narrow terminal itself", () => {
    expect(fitRow(CELLS, [1, 2], 40)).toBe(`build-1234…  2026-11-25  alice (${RED}trusted)`);
    expect(fitRow(CELLS, [1, 2], 12)).toBe("build-12345…");
  });

  it("cuts the blanks behind its first text before the text, without a mark", () => {
    const [, ...others] = CELLS;
    const padded: readonly Cell[] = [[plainForm("r1             ")], ...others];
    expect(fitRow(padded, [1, 2], 40)).toBe(`r1           2026-11-25  alice (${RED}trusted)`);
    expect(fitRow(padded, [1, 2], 32)).toBe(`r1   2026-11-25  alice (${RED}trusted)`);
  });

  it("never is wider than its terminal", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "漢", " ", "-"), maxLength: 30 }).map(plainForm);
    const cell = fc.tuple(text, text);
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 2, max: 120 }),
        (cells, room) => {
          const row = fitRow(cells, [0, 1, 2, 3, 4, 5], room);
          const width = Array.from(row).reduce((sum, one) => sum + (one <= "~" || one === "…" ? 1 : 2), 0);
          expect(width).toBeLessThanOrEqual(room);
        },
      ),
    );
  });
});
