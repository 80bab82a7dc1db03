package rpc

import (
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
)

var (
	outcomes = map[anteroomv1.EventOutcome]webhookevent.Outcome{
		anteroomv1.EventOutcome_EVENT_OUTCOME_APPLIED: webhookevent.OutcomeApplied,
		anteroomv1.EventOutcome_EVENT_OUTCOME_IGNORED: webhookevent.OutcomeIgnored,
		anteroomv1.EventOutcome_EVENT_OUTCOME_FAILED:  webhookevent.OutcomeFailed,
		anteroomv1.EventOutcome_EVENT_OUTCOME_DEAD:    webhookevent.OutcomeDead,
	}
	origins = map[anteroomv1.EventOrigin]webhookevent.Origin{
		anteroomv1.EventOrigin_EVENT_ORIGIN_WEBHOOK:   webhookevent.OriginWebhook,
		anteroomv1.EventOrigin_EVENT_ORIGIN_RECONCILE: webhookevent.OriginReconcile,
		anteroomv1.EventOrigin_EVENT_ORIGIN_REPLAY:    webhookevent.OriginReplay,
	}
)

func fromEvent(e *ent.WebhookEvent) *anteroomv1.Event {
	shown := &anteroomv1.Event{
		Id: e.ID.String(), Provider: from(providers, video.Name(e.Provider)), EventId: e.EventID, Type: e.Type,
		RoomSid: e.RoomSid, ParticipantSid: e.ParticipantSid, EgressId: e.EgressID,
		Body: strings.ToValidUTF8(string(e.Body), "\uFFFD"), Origin: from(origins, e.Origin),
		StatedTime: fromTime(e.StatedTime), ReceivedTime: timestamppb.New(e.ReceivedTime), AppliedTime: fromTime(e.AppliedTime),
		Outcome: from(outcomes, e.Outcome), Error: e.Error, Attempts: uint32(e.Attempts),
	}
	if e.Outcome != webhookevent.OutcomeIgnored { // which says that the room is none of ours
		shown.Room = e.RoomName
	}
	return shown
}
