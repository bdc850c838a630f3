/**
 * Matrices: each fault at each of its points. CI takes a budget of points of each row, drawn by a seed that each commit changes, and all
 * controls. `npm run test:faults` and `npm run test:writes` take all points.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import { drawing } from "./ring.ts";

/** Whether all points are taken. */
export const TAKES_ALL: boolean = process.env["RUNSEAL_MATRICES"] === "all";

/** How many commits the printed expectation is about. */
const COMMITS = 14;

/** Some of the items. */
export type Choose = <Item>(items: readonly Item[]) => readonly Item[];

/** One row: its name, and a number in each column. */
type Row = readonly [name: string, ...counts: number[]];

/** One matrix: its rows, its controls, and how many of its points were taken. */
export class Matrix {
  readonly #title: string;
  readonly #columns: readonly string[];
  readonly #rows: Row[] = [];
  readonly #controls: Row[] = [];
  #points = 0;
  #taken = 0;
  /** How many points are expected to be taken in all of these commits together. */
  #expected = 0;

  constructor(title: string, columns: readonly string[]) {
    this.#title = title;
    this.#columns = columns;
  }

  /** Adds a row. */
  row(...row: Row): void {
    this.#rows.push(row);
  }

  /** Adds a row that the sums leave out: something known to be wrong, in which faults are found. */
  control(...row: Row): void {
    this.#controls.push(row);
  }

  /** Gives at most so many points of a row: every n-th one, beginning where the seed says. Gives all where all are taken. */
  draw<Point>(row: string, points: readonly Point[], budget: number): readonly Point[] {
    const step = TAKES_ALL ? 1 : Math.max(1, Math.ceil(points.length / budget));
    const first = drawing(streamOf(`${this.#title} ${row}`))(step);
    const taken = points.filter((_, at) => at % step === first);
    this.#points += points.length;
    this.#taken += taken.length;
    this.#expected += points.length * (1 - (1 - 1 / step) ** COMMITS);
    return taken;
  }

  /** The same, of rows that are drawn later. */
  drawer(row: string, budget: number): Choose {
    return (points) => this.draw(row, points, budget);
  }

  /** Prints the table. The summary of CI prints all coverages together. */
  print(): void {
    console.log(formatMatrix(this.#title, this.#columns, this.#rows, this.#controls));
    const file = process.env["RUNSEAL_COVERAGE"];
    if (file === undefined || this.#points === 0) return;
    const coverage = {
      title: this.#title,
      rows: this.#rows.length,
      controls: this.#controls.length,
      taken: this.#taken,
      points: this.#points,
      expected: this.#expected / this.#points,
    };
    appendFileSync(file, `${JSON.stringify(coverage)}\n`);
  }
}

/** Another number for each text (FNV-1a, 32 bits). */
function streamOf(text: string): number {
  let hash = 2_166_136_261;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 16_777_619);
  return hash >>> 0;
}

/** A table in plain text with its sums, and below these the controls. */
function formatMatrix(
  title: string,
  columns: readonly string[],
  rows: readonly Row[],
  controls: readonly Row[],
): string {
  const sums = columns.map((_, column) => rows.reduce((sum, row) => sum + Number(row[column + 1]), 0));
  const lines = [[title, ...columns], ...rows, ["together", ...sums], ...controls].map((cells) =>
    cells.map(String),
  );
  const widths = [title, ...columns].map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const aligned = lines.map((cells) =>
    cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join("  "),
  );
  return `\n${aligned.join("\n")}\n`;
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
