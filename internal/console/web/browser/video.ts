import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Sample is what a remote video shows at one moment. */
interface Sample {
  currentTime: number;
  pixels: number[];
}

/** watch looks twice, half a second apart, at the first remote video that plays. */
async function watch(page: Page): Promise<[Sample, Sample]> {
  const video = page.locator('video[data-lk-local-participant="false"]').first();
  await video.waitFor();
  return video.evaluate(async (element) => {
    const remote = element as HTMLVideoElement;
    await new Promise<void>((resolve) => remote.requestVideoFrameCallback(() => resolve()));
    const sample = () => {
      const canvas = new OffscreenCanvas(remote.videoWidth, remote.videoHeight);
      const context = canvas.getContext("2d");
      context?.drawImage(remote, 0, 0);
      const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      return {
        currentTime: remote.currentTime,
        pixels: Array.from(data).filter((_, index) => index % 64 === 0),
      };
    };
    const first = sample();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return [first, sample()];
  });
}

/** expectMovingVideo checks that somebody else's picture is there and moves. */
export async function expectMovingVideo(page: Page): Promise<void> {
  const [first, second] = await watch(page);
  expect(second.currentTime).toBeGreaterThan(first.currentTime);
  expect(first.pixels.length).toBeGreaterThan(100);
  expect(second.pixels).not.toEqual(first.pixels);
}
