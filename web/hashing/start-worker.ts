/** Starting workers from text: the page has no address from which a worker could load its program. @module */

/** Starts a worker. A page from a file shares its addresses with no worker, so each thread makes its own. */
export function startWorker(program: string): Worker {
  const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  return new Worker(address);
}
