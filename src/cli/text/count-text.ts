/** Numbers as a person reads them. @module */

// Not from the index: that would load all of the core for every `--version`.
export { countOf, numberOf } from "../../core/bytes/count-text.ts";
