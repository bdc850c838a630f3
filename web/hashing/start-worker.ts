/** Starting workers from text: the page has no address from which a worker could load its program. @module */

/** Gives a function that starts a worker. A page from a file shares its addresses with no worker: each thread makes its own. */
export function workerStarter(program: string): () => Worker {
  const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
  return () => new Worker(address);
}
