package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// RoomSettings says how meetings in a room behave; every field is set.
type RoomSettings struct {
	// MaxParticipants is how many people may be in at once; 0 is no limit.
	MaxParticipants uint32 `json:"max_participants"`
	// DialIn is whether people may dial in by telephone.
	DialIn bool `json:"dial_in"`
	// PublishSources are the kinds of track that may be published, in the
	// words of LiveKit's tokens (camera, microphone, screen_share,
	// screen_share_audio); none means all.
	PublishSources []string `json:"publish_sources,omitempty"`
	// ViewersOnlyListen is whether those without an access may not publish.
	ViewersOnlyListen bool `json:"viewers_only_listen"`
	// EmptyTimeout is how long an empty room waits for its first person.
	EmptyTimeout time.Duration `json:"empty_timeout"`
	// DepartureTimeout is how long a meeting outlives its last person.
	DepartureTimeout time.Duration `json:"departure_timeout"`
	// RecordingPolicy is when the room is recorded: off, manual (also when
	// empty), automatic or compliance.
	RecordingPolicy string `json:"recording_policy,omitempty"`
	// RecordingTrigger is who has to be in for an automatic recording to begin:
	// first_person (also when empty), second_person or host.
	RecordingTrigger string `json:"recording_trigger,omitempty"`
	// RecordingMode is what is recorded where nobody says it: a value of
	// recording.mode, or empty for screen.
	RecordingMode string `json:"recording_mode,omitempty"`
	// TrackRecording is whether each telephone caller is recorded by themselves.
	TrackRecording bool `json:"track_recording,omitempty"`
	// ConsentRequired is whether people are asked before they are recorded.
	ConsentRequired bool `json:"consent_required,omitempty"`
	// DownloadsOff is whether members may play recordings only.
	DownloadsOff bool `json:"downloads_off,omitempty"`
	// RecordingAudience is who sees recordings besides their owners: owners
	// (also when empty), members or attendees.
	RecordingAudience string `json:"recording_audience,omitempty"`
	// RecordingAudienceDuration is how long those see a recording who see it by
	// RecordingAudience alone; 0 is as long as it is kept.
	RecordingAudienceDuration time.Duration `json:"recording_audience_duration,omitempty"`
	// RecordingRetention is how long recordings are kept; 0 is as long as the
	// installation says.
	RecordingRetention time.Duration `json:"recording_retention,omitempty"`
}

// Room is a lasting place where people meet. Written by internal/room.
type Room struct{ ent.Schema }

// Fields of a room.
func (Room) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("slug").Comment("Unique among living rooms."),
		field.String("name").MaxLen(2000),
		field.Enum("access_level").Values("public", "trusted", "restricted"),
		field.JSON("settings", RoomSettings{}),
		provider(),
		field.UUID("creator_id", uuid.UUID{}).Immutable().Comment("The user who made it."),
		field.String("request_id").Optional().Nillable().Immutable().Comment("The creator's own, so that a repeated request finds this room."),
		createTime(),
		field.Time("update_time"),
		field.Time("delete_time").Optional().Nillable(),
	}
}

// Edges of a room.
func (Room) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("accesses", Access.Type),
		edge.To("pins", Pin.Type),
		edge.To("meetings", Meeting.Type),
		edge.To("participations", Participation.Type),
		edge.To("dispatch_rule", DispatchRule.Type).Unique(),
		edge.To("recordings", Recording.Type),
	}
}

// Indexes of a room.
func (Room) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("slug").Unique().Annotations(entsql.IndexWhere("delete_time IS NULL")),
		index.Fields("creator_id", "request_id").Unique(),
	}
}
