import type { Pass } from "@anteroom/client/room";
import { rooms } from "../api/client";
import { reasonOf } from "../api/reasons";

/**
 * enter asks for a pass. A ticket of an earlier pass brings the person back
 * under the same identity; where it is not taken any more, they come in anew.
 */
export async function enter(room: string, displayName: string, ticket?: string): Promise<Pass> {
  try {
    return await ask(room, displayName, ticket);
  } catch (error) {
    if (!ticket || reasonOf(error) !== "invalid_ticket") throw error;
    return ask(room, displayName);
  }
}

async function ask(room: string, displayName: string, ticket = ""): Promise<Pass> {
  const { result } = await rooms.joinRoom({ room, displayName, ticket });
  if (result.case !== "pass") throw new Error("the server gave no pass");
  return result.value;
}
