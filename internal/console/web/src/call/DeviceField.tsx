import { useMediaDevices } from "@livekit/components-react";
import type { Device } from "./words";

const kinds = { camera: "videoinput", microphone: "audioinput" } as const;
const labels = { camera: "Camera", microphone: "Microphone" } as const;

interface DeviceFieldProps {
  device: Device;
  /** The chosen device's id, or "default". */
  chosen: string;
  onChoose: (deviceId: string) => void;
}

/** DeviceField lets the person choose among several cameras or microphones. */
export function DeviceField({ device, chosen, onChoose }: DeviceFieldProps) {
  // Without permission browsers list devices that have neither id nor name.
  const devices = useMediaDevices({ kind: kinds[device] }).filter(({ deviceId }) => deviceId !== "");
  if (devices.length < 2) return null;
  const known = devices.some(({ deviceId }) => deviceId === chosen);
  return (
    <label className="field">
      <span>{labels[device]}</span>
      <select
        value={known ? chosen : devices[0]?.deviceId}
        onChange={(event) => onChoose(event.target.value)}
      >
        {devices.map(({ deviceId, label }) => (
          <option key={deviceId} value={deviceId}>
            {label || deviceId}
          </option>
        ))}
      </select>
    </label>
  );
}
