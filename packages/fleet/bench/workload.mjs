/** The runs that are measured: sealed and pushed to layouts, then moved into the storage of docker-registry as it keeps them. */
import { spawn } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAKER = fileURLToPath(new URL("./make-runs.mjs", import.meta.url));
/** Processes that seal at once. */
const MAKERS = 2;
const TAG = "org.opencontainers.image.ref.name";

/** Makes runs with so many files of so many bytes each, and has them in a repository. */
export async function makeRuns({ environment, scene, storage }, { bytes, files, name, runs }) {
  const makers = Math.min(MAKERS, runs);
  const share = Math.ceil(runs / makers);
  const layouts = await Promise.all(
    Array.from({ length: makers }, async (_, maker) => {
      const project = join(scene, `project-${name}-${maker}`);
      mkdirSync(project);
      const layout = join(scene, `layout-${name}-${maker}`);
      const rows = [maker * share, Math.min(runs, (maker + 1) * share), files, bytes];
      await made(environment, [project, layout, ...rows.map(String)]);
      rmSync(project, { recursive: true });
      return layout;
    }),
  );
  for (const layout of layouts) moveIn(layout, storage, name);
}

async function made(env, args) {
  const child = spawn(process.execPath, [MAKER, ...args], { env, stdio: ["ignore", "inherit", "inherit"] });
  const exitCode = await new Promise((resolve) => child.once("close", resolve));
  if (exitCode !== 0) throw new Error(`runs could not be made: exit code ${exitCode}`);
}

/** Pushing each run over HTTP would take longer than all audits of them. */
function moveIn(layout, storage, name) {
  const root = join(storage, "docker/registry/v2");
  const own = join(root, "repositories", name);
  const link = (folder, digest) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "link"), `sha256:${digest}`);
  };
  const from = join(layout, "blobs/sha256");
  for (const digest of readdirSync(from)) {
    const folder = join(root, "blobs/sha256", digest.slice(0, 2), digest);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, "data"))) linkSync(join(from, digest), join(folder, "data"));
    link(join(own, "_layers/sha256", digest), digest);
  }
  const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  for (const { annotations, digest: named } of manifests) {
    const digest = named.slice("sha256:".length);
    const tag = join(own, "_manifests/tags", annotations[TAG]);
    link(join(own, "_manifests/revisions/sha256", digest), digest);
    link(join(tag, "current"), digest);
    link(join(tag, "index/sha256", digest), digest);
  }
  rmSync(layout, { recursive: true });
}
