package recording

import "github.com/anteroom-dev/anteroom/internal/video"

// tracks is each audio track as it was published, for those who transcribe.
var tracks = mode{capture: video.SingleTrack, file: video.OGG, perTrack: true}
