package recording

import "github.com/anteroom-dev/anteroom/internal/video"

// audio is the sound of everybody together.
var audio = mode{capture: video.Audio}
