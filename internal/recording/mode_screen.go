package recording

import "github.com/anteroom-dev/anteroom/internal/video"

// screen is everybody, with picture and sound.
var screen = mode{capture: video.Screen, file: video.MP4}
