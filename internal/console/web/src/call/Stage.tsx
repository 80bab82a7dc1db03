import {
  CarouselLayout,
  FocusLayoutContainer,
  GridLayout,
  LayoutContextProvider,
  TrackRefContext,
  useCreateLayoutContext,
  usePinnedTracks,
  useTracks,
  type TrackReferenceOrPlaceholder,
} from "@livekit/components-react";
import { RoomEvent, Track } from "livekit-client";
import { Tile } from "./Tile";

const sources = [
  { source: Track.Source.Camera, withPlaceholder: true },
  { source: Track.Source.ScreenShare, withPlaceholder: false },
];

/** Stage shows everybody in a grid; a shared screen or a pinned person stands in front. */
export function Stage() {
  const layout = useCreateLayoutContext();
  const tracks = useTracks(sources, {
    updateOnlyOn: [RoomEvent.ActiveSpeakersChanged],
    onlySubscribed: false,
  });
  const pinned = usePinnedTracks(layout)[0];
  const focused =
    tracks.find((track) => pinned && sameTrack(track, pinned)) ??
    tracks.find((track) => track.source === Track.Source.ScreenShare);
  return (
    <LayoutContextProvider value={layout}>
      <div className="stage">
        {focused ? (
          <Focus focused={focused} others={tracks.filter((track) => track !== focused)} />
        ) : (
          <GridLayout tracks={tracks}>
            <Tile />
          </GridLayout>
        )}
      </div>
    </LayoutContextProvider>
  );
}

interface FocusProps {
  focused: TrackReferenceOrPlaceholder;
  others: TrackReferenceOrPlaceholder[];
}

function Focus({ focused, others }: FocusProps) {
  return (
    <FocusLayoutContainer>
      <CarouselLayout tracks={others}>
        <Tile />
      </CarouselLayout>
      <TrackRefContext value={focused}>
        <Tile />
      </TrackRefContext>
    </FocusLayoutContainer>
  );
}

// References are made anew when a track comes or goes; who and what stays.
function sameTrack(a: TrackReferenceOrPlaceholder, b: TrackReferenceOrPlaceholder): boolean {
  return a.participant.identity === b.participant.identity && a.source === b.source;
}
