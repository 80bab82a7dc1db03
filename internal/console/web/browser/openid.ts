import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Page } from "playwright-core";
import { firstLine, repository } from "./program";

/** Provider is a running OpenID provider, at which people sign in with the password "secret". */
export interface Provider {
  issuer: string;
  /** What the program is told of it. */
  settings: string[];
  stop: () => Promise<void>;
}

/** startProvider runs bin/openid, or $ANTEROOM_OPENID; there may be arguments of it. */
export async function startProvider(...more: string[]): Promise<Provider> {
  const binary = process.env.ANTEROOM_OPENID ?? path.join(repository, "bin/openid");
  const child = spawn(binary, more, { stdio: ["ignore", "pipe", "inherit"] });
  const issuer = (await firstLine(child, binary)).trim();
  return {
    issuer,
    settings: [
      `--oidc-issuer=${issuer}`,
      "--oidc-client-id=anteroom",
      "--oidc-client-secret=client-secret",
      "--oidc-operator-claim=roles",
      "--oidc-operator-value=anteroom-operator",
    ],
    stop: async () => {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** fillIn types somebody's name and password at the provider. */
export async function fillIn(page: Page, name: string): Promise<void> {
  await page.locator("input[name=username]").fill(name);
  await page.locator("input[name=password]").fill("secret");
  await page.locator("button[type=submit]").click();
}
