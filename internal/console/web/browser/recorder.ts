import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { repository, type Program } from "./program";

/** Scenario is how captures go. */
export type Scenario = "completes" | "stays-starting" | "reaches-limit" | "fails" | "never-answers" | "dies";

/** Recorder stands in for LiveKit's. */
export interface Recorder {
  /** Has the captures that start from now on go this way. */
  play: (scenario: Scenario) => Promise<void>;
  /** Ends it. */
  stop: () => Promise<void>;
}

/**
 * startRecorder runs bin/egressstandin beside a program: what it writes is always the
 * same second, and all else is LiveKit's own.
 */
export async function startRecorder(program: Program): Promise<Recorder> {
  const binary = path.join(repository, "bin/egressstandin");
  const child = spawn(binary, ["--redis", program.livekit.redis], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const hear = async (expected: string) => {
    const line = await lines.next();
    if (line.value !== expected) throw new Error(`the recorder said ${String(line.value)}, not ${expected}`);
  };
  await hear("ready");
  return {
    play: (scenario) => {
      child.stdin.write(`${scenario}\n`);
      return hear(scenario);
    },
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
