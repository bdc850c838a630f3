// Restores a bundle with the compiled dist and prints the outcome as JSON. A process of its own, so that
// it can be run as a user for whom modes mean something: root may write anywhere.
// Usage: node restore-unprivileged.mjs REQUEST-AS-JSON, or without a request to see whether it can run at all.

import { restoreBundle } from "../../../dist/node/back/restore/restore-bundle.js";

const [request] = process.argv.slice(2);
if (request !== undefined) {
  const outcome = await restoreBundle(JSON.parse(request));
  console.log(JSON.stringify(outcome));
}
