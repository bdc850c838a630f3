/**
 * How a number is written in a canonical form (PROTOCOL 4.3 and 4.4).
 *
 * @module
 */

/** A finite decimal: `digits` × 10^`exponent`, digits without leading or trailing zeros. */
interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** Whether a lexeme is an integer: no point, no exponent. */
export function isIntegerLexeme(lexeme: string): boolean {
  return !/[.eE]/.test(lexeme);
}

/** Writes an integer lexeme in decimal, exactly. `-0` is `0`. */
export function writeInteger(lexeme: string): string {
  return lexeme === "-0" ? "0" : lexeme;
}

/**
 * Writes a lexeme with fraction or exponent in the one form on which honest verifiers agree (4.3), or
 * `undefined` where there is none: the shortest decimal that round-trips its double must be plain and
 * must equal the lexeme exactly. `1.50` is `1.5`; `1.0`, `1e5`, `-0.0` and `1e-7` have no agreed form.
 */
export function writeAgreedFraction(lexeme: string): string | undefined {
  const shortest = writeShortest(lexeme);
  if (shortest === undefined || /e|\.0$/.test(shortest)) return undefined;
  const exact = parseDecimal(lexeme);
  const written = parseDecimal(shortest);
  const same =
    exact.negative === written.negative &&
    exact.digits === written.digits &&
    exact.exponent === written.exponent;
  return same ? shortest : undefined;
}

/**
 * Writes a lexeme as the shortest decimal that round-trips its double, with at least one fraction digit;
 * in exponent form below 1e-4 and from 1e16 on, the exponent signed and of at least two digits (4.4).
 * An overflow is `undefined`.
 */
export function writeShortest(lexeme: string): string | undefined {
  const double = Number(lexeme);
  if (!Number.isFinite(double)) return undefined;
  if (double === 0) return Object.is(double, -0) ? "-0.0" : "0.0";
  const [mantissa = "", power = ""] = Math.abs(double).toExponential().split("e");
  const sign = double < 0 ? "-" : "";
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const magnitude = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${magnitude}`;
  }
  return sign + placePoint(mantissa.replace(".", ""), exponent);
}

/** Writes digits d.ddd × 10^exponent without an exponent. */
function placePoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}

function parseDecimal(lexeme: string): Decimal {
  const [number = "", power = "0"] = lexeme.toLowerCase().split("e");
  const [whole = "", fraction = ""] = number.replace("-", "").split(".");
  const significant = (whole + fraction).replace(/^0+/, "");
  // Not by /0+$/: its time is quadratic where many zeros come before a last digit, and this is a stranger's text.
  let end = significant.length;
  while (significant.charAt(end - 1) === "0") end--;
  const digits = significant.slice(0, end);
  return {
    negative: number.startsWith("-"),
    digits,
    exponent: Number(power) - fraction.length + (significant.length - digits.length),
  };
}
