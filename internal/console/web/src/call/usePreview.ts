import {
  createLocalAudioTrack,
  createLocalVideoTrack,
  type LocalAudioTrack,
  type LocalVideoTrack,
} from "livekit-client";
import { useEffect, useState } from "react";
import { deviceProblem, type Device } from "./words";

/** Preview is a camera or microphone before the call: its track, or why there is none. */
export interface Preview<T> {
  track: T | undefined;
  problem: string | undefined;
}

/** useCameraPreview opens the camera while it is wanted. */
export function useCameraPreview(wanted: boolean, deviceId: string): Preview<LocalVideoTrack> {
  return usePreview("camera", wanted, deviceId, openCamera);
}

/** useMicrophonePreview opens the microphone while it is wanted. */
export function useMicrophonePreview(wanted: boolean, deviceId: string): Preview<LocalAudioTrack> {
  return usePreview("microphone", wanted, deviceId, openMicrophone);
}

const openCamera = (deviceId: string) => createLocalVideoTrack({ deviceId });
const openMicrophone = (deviceId: string) => createLocalAudioTrack({ deviceId });
const closed = { track: undefined, problem: undefined };

function usePreview<T extends { stop: () => void }>(
  device: Device,
  wanted: boolean,
  deviceId: string,
  open: (deviceId: string) => Promise<T>,
): Preview<T> {
  const [preview, setPreview] = useState<Preview<T>>(closed);

  useEffect(() => {
    if (!wanted) return;
    let current = true;
    const opening = open(deviceId);
    opening.then(
      (track) => {
        if (current) setPreview({ track, problem: undefined });
      },
      (error: unknown) => {
        if (current) setPreview({ track: undefined, problem: deviceProblem(device, error) });
      },
    );
    return () => {
      current = false;
      setPreview(closed);
      opening.then((track) => track.stop()).catch(() => undefined);
    };
  }, [device, wanted, deviceId, open]);

  return preview;
}
