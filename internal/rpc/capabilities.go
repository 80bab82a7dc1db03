package rpc

import (
	"context"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// abilities finds what providers can do now. It asks nobody but the database.
type abilities struct {
	providers  video.Providers
	vitals     *video.Vitals
	sip        *sip.SIP
	recordings *recording.Recordings
}

// of one provider; nothing of one that is not configured any more.
func (a abilities) of(ctx context.Context, name video.Name) (*anteroomv1.Capabilities, error) {
	provider, err := a.providers.Get(name)
	if err != nil {
		return &anteroomv1.Capabilities{}, nil //nolint:nilerr // it can do nothing
	}
	can := provider.Capabilities()
	c := &anteroomv1.Capabilities{Token: can.Token, RoomUrl: can.RoomURL}
	if c.DialIn, c.DialInReason, err = able(a.sip.Able(name, a.vitals.Telephone(name))); err != nil {
		return nil, err
	}
	c.Recording, c.RecordingReason, err = able(a.recordings.Able(ctx, name, a.vitals.Recorder(name)))
	return c, err
}

// able tells a reason for which something cannot be done from not knowing it.
func able(why error) (can bool, reason string, err error) {
	coded, is := fault.Of(why)
	switch {
	case why == nil:
		return true, "", nil
	case is:
		return false, coded.Reason, nil
	}
	return false, "", why
}
