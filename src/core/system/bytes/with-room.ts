/** Columns that grow. @module */

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array | BigInt64Array | BigUint64Array;

/** A column with room for so many items: the same one, or a copy that is at least twice as long. Not for a `Buffer`. */
export function withRoom<C extends Column>(column: C, least: number): C {
  if (least <= column.length) return column;
  const Same = column.constructor as new (length: number) => C & Pick<Uint8Array, "set">;
  const larger = new Same(Math.max(least, column.length * 2));
  larger.set(column as C & Uint8Array);
  return larger;
}
