package recording

import "github.com/anteroom-dev/anteroom/internal/video"

// participant is the sound of one person, who may be on a telephone.
var participant = mode{capture: video.OnePerson}
