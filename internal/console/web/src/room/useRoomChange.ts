import type { Room, UpdateRoomRequestSchema } from "@anteroom/client/room";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { useState } from "react";
import { rooms } from "../api/client";
import { useAction } from "../useAction";

/** Change is what one control of the settings asks for. */
export type Change = Pick<MessageInitShape<typeof UpdateRoomRequestSchema>, "accessLevel" | "settings">;

/** RoomChange saves what is changed of a room, at once. */
export interface RoomChange {
  /** What was asked for, until the server has answered. */
  wanted: Change;
  problem: string | undefined;
  /** Saves one field, named as in an update mask. */
  save: (path: string, change: Change) => Promise<void>;
}

/** useRoomChange saves changes of a room and tells how the room is then. */
export function useRoomChange(room: Room, onChange: (room: Room) => void): RoomChange {
  const { problem, run } = useAction();
  const [wanted, setWanted] = useState<Change>({});
  const save = async (path: string, change: Change) => {
    setWanted(change);
    await run(async () => {
      const answer = await rooms.updateRoom({ ...change, room: room.id, updateMask: { paths: [path] } });
      if (answer.room) onChange(answer.room);
    });
    setWanted({});
  };
  return { wanted, problem, save };
}
