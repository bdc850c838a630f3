import { describe, expect, it } from "vitest";
import { fitRow, plainForm } from "../../../src/cli/commands/history/fit-row.ts";
import { fc } from "../../support/rings/properties.ts";

describe("a row of a list", () => {
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
