/** Numbers as a person reads them. @module */

export { countOf, numberOf, sizeOf } from "../../src/core/internal.ts";
