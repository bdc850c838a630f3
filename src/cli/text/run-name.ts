/** Names of runs in messages. @module */

export { isPlainName, runName } from "../../core/paths/run-name.ts";
