import type { LocalVideoTrack } from "livekit-client";
import { useEffect, useRef } from "react";
import { initials } from "../initials";

/** Camera shows the person to themselves, mirrored. */
export function Camera({ track, name }: { track: LocalVideoTrack | undefined; name: string }) {
  const video = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    const element = video.current;
    if (!track || !element) return;
    track.attach(element);
    return () => {
      track.detach(element);
    };
  }, [track]);

  return (
    <div className="camera">
      {track ? (
        <video ref={video} aria-label="Your camera" muted autoPlay playsInline />
      ) : (
        <span className="initials" aria-hidden="true">
          {initials(name)}
        </span>
      )}
    </div>
  );
}
