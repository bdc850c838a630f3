/** Rows of a list that fit their terminal. @module */

import { cutEnd, padded, textWidth } from "./text-width.ts";

/** A text as its width is counted, and as it is printed: with colours, which take no room. */
export interface Form {
  readonly plain: string;
  readonly shown: string;
}

/** One column of a row, from its whole text to its shortest. */
export type Cell = readonly [Form, ...Form[]];

/** Between two columns. */
const GAP = "  ";

/** A text without colours. */
export function plainForm(text: string): Form {
  return { plain: text, shown: text };
}

/**
 * Joins cells to a row of at most `room` columns: the cells that `order` names are shortened in turn, from the first on, and then
 * the first cell of the row is cut. Without a bound all are whole. Empty cells are left out.
 */
export function fitRow(cells: readonly Cell[], order: readonly number[], room: number | undefined): string {
  const chosen = cells.map(() => 0);
  const forms = (): readonly Form[] =>
    cells.map((cell, index) => cell[chosen[index] ?? 0] ?? cell[0]).filter(({ plain }) => plain !== "");
  if (room === undefined) return joined(forms());
  for (const index of order) {
    const steps = (cells[index]?.length ?? 1) - 1;
    for (let step = 1; step <= steps && widthOf(forms()) > room; step++) chosen[index] = step;
  }
  return cutFirst(forms(), room);
}

function cutFirst(forms: readonly Form[], room: number): string {
  const over = widthOf(forms) - room;
  const [first, ...others] = forms;
  if (over <= 0 || first === undefined) return joined(forms);
  const left = textWidth(first.plain) - over;
  // The blanks of a column go first: a mark in their place would say that the text was cut.
  const text = first.plain.trimEnd();
  if (left > 1) return joined([plainForm(padded(cutEnd(text, left), left)), ...others]);
  return cutEnd(forms.map(({ plain }) => plain).join(GAP), room);
}

function joined(forms: readonly Form[]): string {
  return forms.map(({ shown }) => shown).join(GAP);
}

function widthOf(forms: readonly Form[]): number {
  const gaps = Math.max(0, forms.length - 1) * GAP.length;
  return forms.reduce((sum, { plain }) => sum + textWidth(plain), gaps);
}
