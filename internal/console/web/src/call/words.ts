import { DisconnectReason, MediaDeviceFailure } from "livekit-client";

/** Device is what a person is seen or heard with. */
export type Device = "camera" | "microphone";

/** deviceProblem says why a camera or a microphone cannot be used, and what to do. */
export function deviceProblem(device: Device, error: unknown): string {
  if (!window.isSecureContext) {
    return `Browsers give the ${device} to pages over HTTPS only. You can join without it.`;
  }
  switch (MediaDeviceFailure.getFailure(error)) {
    case MediaDeviceFailure.PermissionDenied:
      return `Your browser blocks the ${device}. Allow it beside the address, or join without it.`;
    case MediaDeviceFailure.NotFound:
      return `No ${device} was found. Plug one in, or join without it.`;
    case MediaDeviceFailure.DeviceInUse:
      return `Another program uses the ${device}. Close it and try again, or join without it.`;
    default:
      return `The ${device} does not work. You can join without it.`;
  }
}

/** endOfCall says why a call ended; undefined when the person left it themselves. */
export function endOfCall(reason: DisconnectReason | undefined): string | undefined {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return undefined;
    case DisconnectReason.DUPLICATE_IDENTITY:
      return "You joined this room from another tab or device, so this one left.";
    case DisconnectReason.PARTICIPANT_REMOVED:
      return "You were removed from the meeting.";
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return "The meeting has ended.";
    case DisconnectReason.SERVER_SHUTDOWN:
      return "The video server is restarting. Join again in a moment.";
    default:
      return "The connection was lost. Check your network and join again.";
  }
}
