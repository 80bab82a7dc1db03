import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** repository is the folder that has everything in it. */
export const repository = path.resolve(import.meta.dirname, "../../../..");

/** Program is a running `anteroom dev` with everything embedded, on data of its own. */
export interface Program {
  url: string;
  adminToken: string;
  userToken: string;
  livekit: { url: string; key: string; secret: string; redis: string };
  /** Ends it and removes its data. */
  stop: () => Promise<void>;
}

/**
 * startProgram runs bin/anteroom, or $ANTEROOM_PROGRAM, on free ports and waits
 * until it says that it is ready. There may be more arguments of `anteroom dev`.
 */
export async function startProgram(more: string[] = []): Promise<Program> {
  const data = await mkdtemp(path.join(tmpdir(), "anteroom-browser-"));
  // What the developer has set for their own use is not for tests.
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ANTEROOM_LIVEKIT_SERVER: undefined,
    ANTEROOM_DATABASE_URL: undefined,
  };
  const binary = env.ANTEROOM_PROGRAM ?? path.join(repository, "bin/anteroom");
  const child = spawn(binary, ["dev", "--json", "--data", data, "--listen", "127.0.0.1:0", ...more], {
    cwd: repository,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ready = JSON.parse(await firstLine(child, binary)) as Ready;
  return {
    url: ready.url,
    adminToken: ready.admin_token,
    userToken: ready.user_token,
    livekit: {
      url: ready.livekit_url,
      key: ready.livekit_api_key,
      secret: ready.livekit_api_secret,
      redis: ready.livekit_redis,
    },
    stop: async () => {
      if (child.exitCode === null) {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }
      await rm(data, { recursive: true, force: true });
    },
  };
}

interface Ready {
  url: string;
  admin_token: string;
  user_token: string;
  livekit_url: string;
  livekit_api_key: string;
  livekit_api_secret: string;
  livekit_redis: string;
}

/** firstLine is the first thing that a program prints. */
export function firstLine(child: ChildProcess, binary: string): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error(`cannot run ${binary}; run \`make build\` first`, { cause: error })),
    );
    child.once("exit", (code) =>
      reject(new Error(`${path.basename(binary)} ended with ${String(code)} before it was ready`)),
    );
    if (child.stdout) createInterface(child.stdout).once("line", resolve);
  });
}
