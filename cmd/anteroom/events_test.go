package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

const (
	applied = anteroomv1.EventOutcome_EVENT_OUTCOME_APPLIED
	ignored = anteroomv1.EventOutcome_EVENT_OUTCOME_IGNORED
	failed  = anteroomv1.EventOutcome_EVENT_OUTCOME_FAILED
	dead    = anteroomv1.EventOutcome_EVENT_OUTCOME_DEAD
)

func (p *program) listEvents(req *anteroomv1.ListEventsRequest) []*anteroomv1.Event {
	p.t.Helper()
	resp, err := p.operator().events.ListEvents(p.t.Context(), req)
	require.NoError(p.t, err)
	return resp.GetEvents()
}

func (p *program) event(id string) *anteroomv1.Event {
	p.t.Helper()
	resp, err := p.operator().events.GetEvent(p.t.Context(), &anteroomv1.GetEventRequest{Event: id})
	require.NoError(p.t, err)
	return resp.GetEvent()
}

// poison has the database itself refuse all meetings with a SID, until it is let.
func (p *program) poison(sid string) (cure func()) {
	p.t.Helper()
	exec := func(statements ...string) {
		for _, s := range statements {
			_, err := p.app.db.SQL.ExecContext(p.t.Context(), s)
			require.NoError(p.t, err)
		}
	}
	if p.app.db.IsPostgres() {
		exec(`CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''poisoned''; END'`,
			`CREATE TRIGGER poison BEFORE INSERT ON meetings FOR EACH ROW WHEN (NEW.provider_sid = '`+sid+`') EXECUTE FUNCTION poison()`)
		return func() { exec("DROP TRIGGER poison ON meetings") }
	}
	exec("CREATE TRIGGER poison BEFORE INSERT ON meetings WHEN NEW.provider_sid = '" + sid + "' BEGIN SELECT RAISE(ABORT, 'poisoned'); END")
	return func() { exec("DROP TRIGGER poison") }
}

// TestPoisonedEvent: what cannot be applied is answered with 200, holds up nobody
// and can be seen; when the cause is mended, a replay brings it to its end.
func TestPoisonedEvent(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		room := p.room(p.as("host"), public)
		cure := p.poison("RM_poison")
		now := time.Now()
		p.tell(event("participant_joined", room.GetId(), "RM_poison", "PA_1", "ada", now))
		p.tell(event("participant_joined", room.GetId(), "RM_good", "PA_2", "bo", now))
		p.tell(event("room_started", "somebody else's", "RM_other", "", "", now))

		all := p.listEvents(&anteroomv1.ListEventsRequest{})
		require.Len(t, all, 3, "doubles have no rows")
		require.Equal(t, []anteroomv1.EventOutcome{ignored, applied, failed}, []anteroomv1.EventOutcome{all[0].GetOutcome(), all[1].GetOutcome(), all[2].GetOutcome()})
		require.Empty(t, all[0].GetRoom())
		require.Equal(t, room.GetId(), all[1].GetRoom())
		poisoned := p.listEvents(&anteroomv1.ListEventsRequest{Room: room.GetSlug(), Outcomes: []anteroomv1.EventOutcome{failed, dead}})
		require.Len(t, poisoned, 1)
		original := poisoned[0]
		require.Contains(t, original.GetError(), "poisoned")
		require.Nil(t, original.GetAppliedTime())
		require.NotZero(t, original.GetAttempts())
		require.Equal(t, "RM_poison", original.GetRoomSid())
		require.Equal(t, "PA_1", original.GetParticipantSid())
		require.Equal(t, "participant_joined", original.GetType())
		require.Equal(t, anteroomv1.Provider_PROVIDER_LIVEKIT, original.GetProvider())
		require.Equal(t, anteroomv1.EventOrigin_EVENT_ORIGIN_WEBHOOK, original.GetOrigin())
		require.Equal(t, now.Unix(), original.GetStatedTime().AsTime().Unix())
		require.Empty(t, original.GetBody(), "lists have none")
		require.Contains(t, p.event(original.GetId()).GetBody(), `"identity":"ada"`)

		events := p.operator().events
		replayed, err := events.ReplayEvent(t.Context(), &anteroomv1.ReplayEventRequest{Event: original.GetId()})
		require.NoError(t, err)
		require.Equal(t, failed, replayed.GetEvent().GetOutcome(), "nothing is mended yet")
		cure()
		replayed, err = events.ReplayEvent(t.Context(), &anteroomv1.ReplayEventRequest{Event: original.GetId()})
		require.NoError(t, err)
		require.Equal(t, applied, replayed.GetEvent().GetOutcome())
		require.Equal(t, anteroomv1.EventOrigin_EVENT_ORIGIN_REPLAY, replayed.GetEvent().GetOrigin())
		require.Equal(t, applied, p.event(original.GetId()).GetOutcome())
		require.Empty(t, p.listEvents(&anteroomv1.ListEventsRequest{Outcomes: []anteroomv1.EventOutcome{failed, dead}}))
		require.Len(t, p.listEvents(&anteroomv1.ListEventsRequest{Origins: []anteroomv1.EventOrigin{anteroomv1.EventOrigin_EVENT_ORIGIN_REPLAY}}), 2)
		require.Equal(t, 2, p.app.db.Participation.Query().CountX(t.Context()), "in the account at last")

		p.app.db.WebhookEvent.UpdateOneID(uuid.MustParse(original.GetId())).ClearBody().ExecX(t.Context())
		require.Empty(t, p.event(original.GetId()).GetBody())
		_, err = events.ReplayEvent(t.Context(), &anteroomv1.ReplayEventRequest{Event: original.GetId()})
		requireReason(t, "event_body_removed", connect.CodeFailedPrecondition, err)
		p.idle()
	})
}

// TestEventsPages: filters by time, and pages that meet.
func TestEventsPages(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		for n := range 5 {
			p.tell(event("room_started", "somebody else's", "RM_other", "", "", time.Now().Add(-time.Duration(n)*time.Hour)))
		}
		var got []string
		req := &anteroomv1.ListEventsRequest{PageSize: 2, Types: []string{"room_started"}, Provider: anteroomv1.Provider_PROVIDER_LIVEKIT}
		for {
			resp, err := p.operator().events.ListEvents(t.Context(), req)
			require.NoError(t, err)
			for _, e := range resp.GetEvents() {
				got = append(got, e.GetId())
			}
			if req.PageToken = resp.GetNextPageToken(); req.GetPageToken() == "" {
				break
			}
		}
		require.Len(t, got, 5)
		require.IsDecreasing(t, got, "the newest first, whatever time they state")
		hour := time.Hour
		require.Len(t, p.listEvents(&anteroomv1.ListEventsRequest{From: timestamppb.New(time.Now().Add(-hour)), To: timestamppb.New(time.Now().Add(hour))}), 5)
		require.Empty(t, p.listEvents(&anteroomv1.ListEventsRequest{From: timestamppb.New(time.Now().Add(hour))}))
		require.Empty(t, p.listEvents(&anteroomv1.ListEventsRequest{To: timestamppb.New(time.Now().Add(-hour))}))
		require.Len(t, p.listEvents(&anteroomv1.ListEventsRequest{From: &timestamppb.Timestamp{Seconds: -1 << 40}}), 5)
	})
}

// TestEventsAreForOperators, and bad input has its reason.
func TestEventsAreForOperators(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		ctx, id := t.Context(), uuid.NewString()
		for _, c := range []struct {
			client
			reason string
			code   connect.Code
		}{
			{p.guest(), "sign_in_required", connect.CodeUnauthenticated},
			{p.as("somebody"), "operator_required", connect.CodePermissionDenied},
		} {
			_, err := c.events.ListEvents(ctx, &anteroomv1.ListEventsRequest{})
			requireReason(t, c.reason, c.code, err)
			_, err = c.events.GetEvent(ctx, &anteroomv1.GetEventRequest{Event: id})
			requireReason(t, c.reason, c.code, err)
			_, err = c.events.ReplayEvent(ctx, &anteroomv1.ReplayEventRequest{Event: id})
			requireReason(t, c.reason, c.code, err)
		}
		events := p.operator().events
		_, err := events.GetEvent(ctx, &anteroomv1.GetEventRequest{Event: id})
		requireReason(t, "event_not_found", connect.CodeNotFound, err)
		_, err = events.ReplayEvent(ctx, &anteroomv1.ReplayEventRequest{Event: id})
		requireReason(t, "event_not_found", connect.CodeNotFound, err)
		_, err = events.GetEvent(ctx, &anteroomv1.GetEventRequest{Event: "EV_1"})
		requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
		_, err = events.ListEvents(ctx, &anteroomv1.ListEventsRequest{Room: "no-such-room"})
		requireReason(t, "room_not_found", connect.CodeNotFound, err)
		_, err = events.ListEvents(ctx, &anteroomv1.ListEventsRequest{PageToken: "?"})
		requireReason(t, "invalid_page_token", connect.CodeInvalidArgument, err)
		for name, req := range map[string]*anteroomv1.ListEventsRequest{
			"provider":       {Provider: 99},
			"outcome":        {Outcomes: []anteroomv1.EventOutcome{0}},
			"unknown":        {Outcomes: []anteroomv1.EventOutcome{99}},
			"five outcomes":  {Outcomes: []anteroomv1.EventOutcome{applied, applied, applied, applied, applied}},
			"origin":         {Origins: []anteroomv1.EventOrigin{0}},
			"type":           {Types: []string{""}},
			"NUL in a type":  {Types: []string{"a\x00"}},
			"NUL in a room":  {Room: "a\x00"},
			"long room":      {Room: strings.Repeat("x", 101)},
			"large page":     {PageSize: 101},
			"too many types": {Types: make([]string, 21)},
		} {
			_, err := events.ListEvents(ctx, req)
			require.Error(t, err, name)
			requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
		}
	})
}

// TestEventsProtocols: what providers' bodies need does not hold for the other
// procedures of their service.
func TestEventsProtocols(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	for range 100 {
		p.tell(event("room_started", "somebody else's", "RM_other", "", "", time.Now()))
	}
	for name, options := range map[string][]connect.ClientOption{
		"Connect": nil, "JSON": {connect.WithProtoJSON()}, "gRPC-Web": {connect.WithGRPCWeb()},
		"compressed": {connect.WithSendGzip()}, "GET": {connect.WithHTTPGet(), connect.WithProtoJSON()},
	} {
		t.Run(name, func(t *testing.T) {
			events := p.operator(options...).events
			resp, err := events.ListEvents(t.Context(), &anteroomv1.ListEventsRequest{PageSize: 3, Types: []string{"room_started"}})
			require.NoError(t, err)
			require.Len(t, resp.GetEvents(), 3)
			got, err := events.GetEvent(t.Context(), &anteroomv1.GetEventRequest{Event: resp.GetEvents()[0].GetId()})
			require.NoError(t, err)
			require.Contains(t, got.GetEvent().GetBody(), "RM_other")
			_, err = events.ListEvents(t.Context(), &anteroomv1.ListEventsRequest{PageSize: 101})
			requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
			_, err = events.ListEvents(t.Context(), &anteroomv1.ListEventsRequest{PageToken: strings.Repeat("x", 300<<10)})
			require.Equal(t, connect.CodeResourceExhausted, connect.CodeOf(err), "256 KiB are enough: %v", err)
		})
	}
	t.Run("grpc-go", func(t *testing.T) {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+p.token(auth.Identity{Subject: "operator", Operator: true}))
		var resp anteroomv1.ListEventsResponse
		require.NoError(t, dial(t, p).Invoke(ctx, anteroomv1connect.WebhookServiceListEventsProcedure, &anteroomv1.ListEventsRequest{}, &resp))
		require.Len(t, resp.GetEvents(), 20)
	})
	t.Run("curl", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+anteroomv1connect.WebhookServiceListEventsProcedure,
			bytes.NewBufferString(`{"pageSize":100,"outcomes":["EVENT_OUTCOME_IGNORED"],"from":"2020-01-01T00:00:00Z"}`))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Accept-Encoding", "gzip") // which the client does not undo when it is asked for
		req.Header.Set("Authorization", "Bearer "+p.token(auth.Identity{Subject: "operator", Operator: true}))
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer func() { _ = resp.Body.Close() }()
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
		require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
		plain, err := gzip.NewReader(resp.Body)
		require.NoError(t, err)
		var got struct{ Events []json.RawMessage }
		require.NoError(t, json.NewDecoder(plain).Decode(&got))
		require.Len(t, got.Events, 100)
	})
}
