import { Room, RoomEvent, type RemoteTrack } from "livekit-client";
import { rooms } from "./anteroom";

/** Enters a room, shows who is in it in the element, and answers with a way out; says when one is out, for whatever reason. */
export async function enter(room: string, displayName: string, people: HTMLElement, out: () => void): Promise<() => Promise<void>> {
  const { result } = await rooms.joinRoom({ room, displayName });
  if (result.case !== "pass") throw new Error("You have to wait for somebody to let you in.");
  const call = new Room({ adaptiveStream: true, dynacast: true });
  const show = (track: RemoteTrack) => people.append(track.attach());
  const hide = (track: RemoteTrack) => track.detach().forEach((element) => element.remove());
  call.on(RoomEvent.TrackSubscribed, show).on(RoomEvent.TrackUnsubscribed, hide).on(RoomEvent.Disconnected, out);
  await call.connect(result.value.serverUrl, result.value.token);
  await call.localParticipant.enableCameraAndMicrophone();
  return () => call.disconnect();
}
