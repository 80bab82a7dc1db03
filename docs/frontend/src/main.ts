import { ConnectError } from "@connectrpc/connect";
import { AccessLevel, type Room } from "@anteroom/client/room";
import { rooms, users } from "./anteroom";
import { enter } from "./call";
import { accessToken, finishSignIn, ownName, signIn, signOut } from "./signin";

function at<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`there is no #${id}`);
  return element as T;
}

/** Does something, and says what went wrong, in Anteroom's sentence if it is Anteroom's. */
function attempt(action: () => Promise<unknown>): () => void {
  return () => {
    at("trouble").textContent = "";
    action().catch((error: unknown) => {
      at("trouble").textContent = ConnectError.from(error).rawMessage;
    });
  };
}

let name = "";

async function show(): Promise<void> {
  const signedIn = (await accessToken()) !== undefined;
  at("sign").textContent = signedIn ? "Sign out" : "Sign in";
  at("sign").onclick = attempt(signedIn ? signOut : signIn);
  at("new").hidden = !signedIn;
  if (!signedIn) return;
  const { user } = await users.getSelf({});
  name = user?.fullName || (await ownName()) || user?.email || "Somebody";
  at("who").textContent = `Signed in as ${name}`;
  const { rooms: mine } = await rooms.listRooms({});
  at("rooms").replaceChildren(...mine.map(entry));
}

function entry(room: Room): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Enter";
  button.onclick = attempt(() => join(room));
  const item = document.createElement("li");
  item.append(`${room.name} `, button);
  return item;
}

async function join(room: Room): Promise<void> {
  const leave = await enter(room.id, name, at("people"), () => {
    at("call").hidden = true;
    at("people").replaceChildren();
  });
  at("title").textContent = room.name;
  at("call").hidden = false;
  at("leave").onclick = attempt(leave);
}

at<HTMLFormElement>("new").onsubmit = (event) => {
  event.preventDefault();
  attempt(async () => {
    await rooms.createRoom({ name: at<HTMLInputElement>("name").value, accessLevel: AccessLevel.RESTRICTED });
    await show();
  })();
};

attempt(async () => {
  await finishSignIn();
  await show();
})();
