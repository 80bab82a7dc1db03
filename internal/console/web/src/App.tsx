import { lazy, Suspense, useEffect, useRef } from "react";
import { EventPage } from "./events/EventPage";
import { EventsPage } from "./events/EventsPage";
import { Header } from "./Header";
import { MeetingPage } from "./meeting/MeetingPage";
import { RecordingPage } from "./recording/RecordingPage";
import { RecordingsPage } from "./recording/RecordingsPage";
import { RoomPage } from "./room/RoomPage";
import { RoomsPage } from "./rooms/RoomsPage";
import type { Route } from "./route";
import { Link, useRoute } from "./router";
import { SignInEnded } from "./SignInEnded";
import { SignInPage } from "./SignInPage";
import { useTitle } from "./useTitle";
import { Waiting } from "./ui/Message";

// LiveKit's library is most of the console's weight, and only the door and the call need it.
const JoinPage = lazy(() => import("./call/JoinPage").then((module) => ({ default: module.JoinPage })));

/** App is the console: a header and the page that the address names. */
export function App() {
  const route = useRoute();
  const main = useFocusOnNewPage(route);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main ref={main} id="main" tabIndex={-1} className={`page page-${route.page}`}>
        <SignInEnded />
        <Suspense fallback={<Waiting>Loading…</Waiting>}>
          <Page route={route} />
        </Suspense>
      </main>
    </>
  );
}

// Who navigates by keyboard or hears the page goes on where the new page begins.
function useFocusOnNewPage(route: Route) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(route);
  useEffect(() => {
    if (shown.current !== route) main.current?.focus({ preventScroll: true });
    shown.current = route;
  }, [route]);
  return main;
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "rooms":
      return <RoomsPage />;
    case "room":
      return <RoomPage key={route.room} named={route.room} />;
    case "join":
      return <JoinPage key={route.room} named={route.room} />;
    case "meeting":
      return <MeetingPage key={route.meeting} room={route.room} meeting={route.meeting} />;
    case "recordings":
      return <RecordingsPage />;
    case "recording":
      return <RecordingPage key={route.recording} id={route.recording} />;
    case "events":
      return <EventsPage />;
    case "event":
      return <EventPage key={route.event} id={route.event} />;
    case "sign-in":
      return <SignInPage />;
    case "missing":
      return <MissingPage />;
  }
}

function MissingPage() {
  useTitle("No such page");
  return (
    <section className="empty">
      <h1>No such page</h1>
      <p>The link may not be complete.</p>
      <Link className="button" href="/">
        All rooms
      </Link>
    </section>
  );
}
