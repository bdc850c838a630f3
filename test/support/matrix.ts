/**
 * Matrices as they are printed, here and on the page that shows them (docs/faults.md).
 *
 * @module
 */

/** One row: its name, and a number in each column. */
export type MatrixRow = readonly [name: string, ...counts: number[]];

/** A table in plain text with its sums, and below these the controls, which the sums leave out. */
export function formatMatrix(
  title: string,
  columns: readonly string[],
  rows: readonly MatrixRow[],
  controls: readonly MatrixRow[] = [],
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
