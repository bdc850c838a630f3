/** Sizes for a person. @module */

export { sizeOf, sizeOfTotal } from "../../core/bytes/size-text.ts";
