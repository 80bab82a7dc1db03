package livekit_test

import (
	"time"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// captured are webhooks of a real LiveKit, by their file in testdata, and what
// they say. Type and Body are not repeated here.
var captured = map[string]video.Event{
	"room_started":  {ID: "EV_emm8BkRFKK5h", Kind: video.RoomStarted, Time: second(1795224602), Room: demo},
	"room_finished": {ID: "EV_vfiHfeYQ8RFQ", Kind: video.RoomFinished, Time: second(1795224615), Room: demo},

	"participant_joined_standard": {
		ID: "EV_D9bXxC2HgKSr", Kind: video.ParticipantJoined, Time: second(1795224602), Room: demo, Participant: bot(""),
	},
	"participant_left_standard": {
		ID: "EV_G4WZo93iDzQW", Kind: video.ParticipantLeft, Time: second(1795224610), Room: demo,
		Participant: bot("CLIENT_INITIATED"),
	},
	"sip_participant_joined": {
		ID: "EV_FuiNhrVTxT3j", Kind: video.ParticipantJoined, Time: second(1795224801), Room: sipRoom,
		Participant: caller("PA_5yXnGttJMm5J", 1795224801100, ""),
	},
	"sip_participant_left_bye": {
		ID: "EV_LwToQwPEPeBJ", Kind: video.ParticipantLeft, Time: second(1795224809), Room: sipRoom,
		Participant: caller("PA_5yXnGttJMm5J", 1795224801100, "CLIENT_INITIATED"),
	},
	"sip_participant_left_room_deleted": {
		ID: "EV_6dWavfSg6CfW", Kind: video.ParticipantLeft, Time: second(1795226600),
		Room:        video.EventRoom{Name: "sip-room", SID: "RM_jv9XvLwL9nRm", StartTime: milli(1795226597829)},
		Participant: caller("PA_yKAZXZW5fN8D", 1795226597830, "ROOM_DELETED"),
	},
	"egress_participant_joined": {
		ID: "EV_GRapKGVArpdC", Kind: video.ParticipantJoined, Time: second(1795225312),
		Room: video.EventRoom{Name: "eg", SID: "RM_t9vxqLEEEgxG", StartTime: milli(1795225282750)},
		Participant: &video.Participant{
			SID: "PA_jxKN8CdVezaP", Identity: "EG_wADw6LoKPysp", Kind: video.RecorderKind, JoinTime: milli(1795225312066),
		},
	},

	"track_published_opus": track("EV_kozs4Byuo2nY", video.TrackPublished, 1795224602, demoBare,
		"PA_CsFEZt9hiNrB", "bot-1", "TR_AMHmVwyWh2dt3z", video.Microphone),
	"track_published_h264": track("EV_SipD3VToU7Jf", video.TrackPublished, 1795224602, demoBare,
		"PA_CsFEZt9hiNrB", "bot-1", "TR_VCstsxtnz9bun9", video.Camera),
	"track_published_vp8": track("EV_jJBJPoXwxEA4", video.TrackPublished, 1795224606, demoBare,
		"PA_SAL7M987gpKa", "bot-2", "TR_VCMsQLwxBbTovw", video.Camera),
	"track_unpublished": track("EV_MwvgYGasucMN", video.TrackUnpublished, 1795224610, demoBare,
		"PA_CsFEZt9hiNrB", "bot-1", "TR_AMHmVwyWh2dt3z", video.Microphone),
	"sip_track_published": track("EV_iyNCfoBtrLWt", video.TrackPublished, 1795224801,
		video.EventRoom{Name: "sip-room", SID: "RM_H9CpWMc8mgBs"},
		"PA_5yXnGttJMm5J", "sip_+15557777", "TR_AMia7fH2DDeoxQ", video.Microphone),

	"track_egress_started": egress("EV_ribBqvckuSna", video.EgressStarted, 1795225312, eg, video.Egress{
		ID: "EG_wADw6LoKPysp", Status: video.Starting, Path: "/recordings/track-audio-{time}",
		StartTime: nano(1795225312010420441), UpdateTime: nano(1795225312010420441),
	}),
	"track_egress_updated_active": egress("EV_9BdsLLuyafBz", video.EgressUpdated, 1795225312, eg, video.Egress{
		ID: "EG_wADw6LoKPysp", Status: video.Active, Path: "/recordings/track-audio-{time}",
		StartTime: nano(1795225312052508376), UpdateTime: nano(1795225312761837179),
		Files: []video.File{{Path: "/recordings/track-audio-2026-11-21T014152.ogg", StartTime: nano(1795225312712220946)}},
	}),
	"track_egress_updated_ending": egress("EV_U8Y9V2qvnTxg", video.EgressUpdated, 1795225318, eg, video.Egress{
		ID: "EG_wADw6LoKPysp", Status: video.Ending, Path: "/recordings/track-audio-{time}",
		StartTime: nano(1795225312052508376), UpdateTime: nano(1795225318124344617),
		Files: []video.File{{Path: "/recordings/track-audio-2026-11-21T014152.ogg", StartTime: nano(1795225312712220946)}},
	}),
	"track_egress_ended_complete": egress("EV_yTRLB3DfeZSh", video.EgressEnded, 1795225318, eg, video.Egress{
		ID: "EG_wADw6LoKPysp", Status: video.Complete, Path: "/recordings/track-audio-{time}",
		StartTime: nano(1795225312052508376), EndTime: nano(1795225318155278069), UpdateTime: nano(1795225318155278069),
		Files: []video.File{{Path: "/recordings/track-audio-2026-11-21T014152.ogg", Location: "/recordings/track-audio-2026-11-21T014152.ogg", Size: 96348, Duration: 5860000001, StartTime: nano(1795225312712220946), EndTime: nano(1795225318572220947)}},
	}),

	"s3_egress_started": egress("EV_sHtioUYKReyB", video.EgressStarted, 1795225894, egLater, video.Egress{
		ID: "EG_QnkwHtXoGXnr", Status: video.Starting, Path: "rec/room-audio-{time}.ogg",
		StartTime: nano(1795225894658119099), UpdateTime: nano(1795225894658119099),
		Files: []video.File{{Path: "rec/room-audio-2026-11-21T015134.ogg"}},
	}),
	"s3_egress_updated_active": egress("EV_xGh4MaXUJNXs", video.EgressUpdated, 1795225895, egLater, video.Egress{
		ID: "EG_QnkwHtXoGXnr", Status: video.Active, Path: "rec/room-audio-{time}.ogg",
		StartTime: nano(1795225894744330030), UpdateTime: nano(1795225895108210148),
		Files: []video.File{{Path: "rec/room-audio-2026-11-21T015134.ogg", StartTime: nano(1795225894961351841)}},
	}),
	"s3_egress_updated_ending": egress("EV_YN2TGrYm5Dds", video.EgressUpdated, 1795225899, egLater, video.Egress{
		ID: "EG_QnkwHtXoGXnr", Status: video.Ending, Path: "rec/room-audio-{time}.ogg",
		StartTime: nano(1795225894744330030), UpdateTime: nano(1795225899272462043),
		Files: []video.File{{Path: "rec/room-audio-2026-11-21T015134.ogg", StartTime: nano(1795225894961351841)}},
	}),
	"s3_egress_ended_complete": egress("EV_r8Trwr8rJGJb", video.EgressEnded, 1795225899, egLater, video.Egress{
		ID: "EG_QnkwHtXoGXnr", Status: video.Complete, Path: "rec/room-audio-{time}.ogg",
		StartTime: nano(1795225894744330030), EndTime: nano(1795225899306756580), UpdateTime: nano(1795225899306756580),
		Files: []video.File{{Path: "rec/room-audio-2026-11-21T015134.ogg", Location: "https://127.0.0.1:9000/recordings/rec/room-audio-2026-11-21T015134.ogg", Size: 70992, Duration: 4300000001, StartTime: nano(1795225894961351841), EndTime: nano(1795225899261351842)}},
	}),
	"s3_egress_ended_failed_upload": egress("EV_KvBhA5SpDWb6", video.EgressEnded, 1795225905, egLater, video.Egress{
		ID: "EG_swBjjmcNXU67", Status: video.CaptureFailed, Path: "rec/tc-{time}.mp4",
		StartTime: nano(1795225900456719828), EndTime: nano(1795225905708786797), UpdateTime: nano(1795225905708786797),
		Error: "S3 upload failed: err: operation error S3: PutObject, https response error StatusCode: 404, RequestID: 1VOLGQKVWOUKQRQF, HostID: LtZhBkPu/bwwP5ecrX1xQWSUvE3ejG2Zx3QRST6z6ff/P8EVJ+0XnJvY9x/xy9euXEel8+4fGVbXfMS+ogBbQ+Q=, api error NoSuchBucket: The specified bucket does not exist., status code: 404",
		Files: []video.File{{Path: "rec/tc-2026-11-21T015140.mp4", Duration: 4800000001, StartTime: nano(1795225900731175351), EndTime: nano(1795225905531175352)}},
	}),

	"egress_ended_aborted": egress("EV_J2STsQsNNbnh", video.EgressEnded, 1795226115,
		video.EventRoom{Name: "empty1", SID: "RM_9hs7vuZKCchj"}, video.Egress{
			ID: "EG_Ug9fVC5gwKWL", Status: video.CaptureAborted, Path: "/recordings/room-video-{time}.mp4",
			StartTime: nano(1795226113056771298), EndTime: nano(1795226115506697728), UpdateTime: nano(1795226115506697728),
			Error: "Start signal not received",
			Files: []video.File{{Path: "/recordings/room-video-2026-11-21T015513.mp4", StartTime: nano(1795226115334698870), EndTime: nano(1795226115334698870)}},
		}),
	"egress_ended_complete_source_closed": egress("EV_HjkkLKAgqGpR", video.EgressEnded, 1795225985,
		video.EventRoom{Name: "eg2", SID: "RM_JNGYxgZ956FN"}, video.Egress{
			ID: "EG_vVZztJUPEeHT", Status: video.Complete, Path: "/recordings/room-audio-{time}.ogg",
			StartTime: nano(1795225974334963376), EndTime: nano(1795225985116947566), UpdateTime: nano(1795225985116947566),
			Files: []video.File{{Path: "/recordings/room-audio-2026-11-21T015254.ogg", Location: "/recordings/room-audio-2026-11-21T015254.ogg", Size: 98145, Duration: 10462106109, StartTime: nano(1795225974554801898), EndTime: nano(1795225985016908007)}},
		}),
	"egress_ended_failed_participant_not_found": egress("EV_95gexQeAusjN", video.EgressEnded, 1795225971, egLater, video.Egress{
		ID: "EG_7uNrf7yHLeMi", Status: video.CaptureFailed, Path: "/recordings/part-{time}.mp4",
		StartTime: nano(1795225941794193628), EndTime: nano(1795225971894124007), UpdateTime: nano(1795225971894124007),
		Error: "participant ghost not found",
		Files: []video.File{{Path: "/recordings/part-2026-11-21T015221.mp4"}},
	}),
	"egress_ended_failed_encoder": egress("EV_DN6aH2F3ST8E", video.EgressEnded, 1795225319, eg, video.Egress{
		ID: "EG_sKMLN8kCpBcD", Status: video.CaptureFailed, Path: "/recordings/tc-{time}.mp4",
		StartTime: nano(1795225319219158054), EndTime: nano(1795225319543613438), UpdateTime: nano(1795225319543613438),
		Error: "could not create element: faac",
		Files: []video.File{{Path: "/recordings/tc-2026-11-21T014159.mp4"}},
	}),
	"egress_ended_limit_reached": egress("EV_V6xJL3DyVEPk", video.EgressEnded, 1795225459, eg, video.Egress{
		ID: "EG_vwQF7TPYmh4f", Status: video.LimitReached, Path: "/recordings/room-audio-{time}.ogg",
		StartTime: nano(1795225433564931119), EndTime: nano(1795225458769633022), UpdateTime: nano(1795225458769633022),
		Error: "Session limit reached",
		Files: []video.File{{Path: "/recordings/room-audio-2026-11-21T014353.ogg", Location: "/recordings/room-audio-2026-11-21T014353.ogg", Size: 59842, Duration: 25388434740, StartTime: nano(1795225433763536414), EndTime: nano(1795225459151971154)}},
	}),
	"participant_egress_ended_complete": egress("EV_ivfWv2GvfRwx", video.EgressEnded, 1795225393, eg, video.Egress{
		ID: "EG_j9T7DAk2Qw7m", Status: video.Complete, Path: "/recordings/part-{time}.mp4",
		StartTime: nano(1795225386425387330), EndTime: nano(1795225393599521106), UpdateTime: nano(1795225393599521106),
		Files: []video.File{{Path: "/recordings/part-2026-11-21T014306.mp4", Location: "/recordings/part-2026-11-21T014306.mp4", Size: 543166, Duration: 6840000001, StartTime: nano(1795225386603524521), EndTime: nano(1795225393443524522)}},
	}),
	"roomaudio_egress_ended_complete": egress("EV_bQZvvAhF3NKg", video.EgressEnded, 1795225400, eg, video.Egress{
		ID: "EG_FeqMapHbxLDT", Status: video.Complete, Path: "/recordings/room-audio-{time}.ogg",
		StartTime: nano(1795225394494784944), EndTime: nano(1795225400044572598), UpdateTime: nano(1795225400044572598),
		Files: []video.File{{Path: "/recordings/room-audio-2026-11-21T014314.ogg", Location: "/recordings/room-audio-2026-11-21T014314.ogg", Size: 87896, Duration: 5340000001, StartTime: nano(1795225394662965755), EndTime: nano(1795225400002965756)}},
	}),
	"roomvideo_egress_ended_complete": egress("EV_hNbxf7Ph8bEj", video.EgressEnded, 1795225432, eg, video.Egress{
		ID: "EG_AJADeuVzJSFx", Status: video.Complete, Path: "/recordings/room-video-{time}.mp4",
		StartTime: nano(1795225420455007483), EndTime: nano(1795225432637434664), UpdateTime: nano(1795225432637434664),
		Files: []video.File{{Path: "/recordings/room-video-2026-11-21T014340.mp4", Location: "/recordings/room-video-2026-11-21T014340.mp4", Size: 769459, Duration: 8242548414, StartTime: nano(1795225424277189364), EndTime: nano(1795225432519737778)}},
	}),
	"trackcomposite_egress_ended_complete": egress("EV_PauPYtnHEx6d", video.EgressEnded, 1795225385, eg, video.Egress{
		ID: "EG_doxRmdhMvUQc", Status: video.Complete, Path: "/recordings/tc-{time}.mp4",
		StartTime: nano(1795225378361562092), EndTime: nano(1795225385531813594), UpdateTime: nano(1795225385531813594),
		Files: []video.File{{Path: "/recordings/tc-2026-11-21T014258.mp4", Location: "/recordings/tc-2026-11-21T014258.mp4", Size: 539719, Duration: 6840000001, StartTime: nano(1795225378542586173), EndTime: nano(1795225385382586174)}},
	}),
	"roomvideo_aac_egress_ended_complete": egress("EV_koj5XmujWt7r", video.EgressEnded, 1795226487,
		video.EventRoom{Name: "eg", SID: "RM_wmbt4EzUV98S"}, video.Egress{
			ID: "EG_fnTZxcHf69BP", Status: video.Complete, Path: "/recordings/room-video-{time}.mp4",
			StartTime: nano(1795226477956226050), EndTime: nano(1795226487103430499), UpdateTime: nano(1795226487103430499),
			Files: []video.File{{Path: "/recordings/room-video-2026-11-21T020117.mp4", Location: "/recordings/room-video-2026-11-21T020117.mp4", Size: 448197, Duration: 4431109392, StartTime: nano(1795226482580198380), EndTime: nano(1795226487011307772)}},
		}),
}

// Meetings of the captured webhooks. Track and egress events do not state when
// theirs began.
var (
	demo     = video.EventRoom{Name: "demo", SID: "RM_L2Mb3UVkehAR", StartTime: milli(1795224602667)}
	demoBare = video.EventRoom{Name: "demo", SID: "RM_L2Mb3UVkehAR"}
	sipRoom  = video.EventRoom{Name: "sip-room", SID: "RM_H9CpWMc8mgBs", StartTime: milli(1795224790703)}
	eg       = video.EventRoom{Name: "eg", SID: "RM_t9vxqLEEEgxG"}
	egLater  = video.EventRoom{Name: "eg", SID: "RM_agL4DmRtUSrC"}
)

func bot(leaveReason string) *video.Participant {
	return &video.Participant{
		SID: "PA_CsFEZt9hiNrB", Identity: "bot-1", Name: "Bot", Kind: video.Web,
		JoinTime: milli(1795224602668), LeaveReason: leaveReason,
	}
}

func caller(sid string, joined int64, leaveReason string) *video.Participant {
	return &video.Participant{
		SID: sid, Identity: "sip_+15557777", Name: "Phone +15557777", Kind: video.Phone,
		JoinTime: milli(joined), LeaveReason: leaveReason, PhoneNumber: "+15557777",
	}
}

func track(id string, kind video.EventKind, at int64, room video.EventRoom, participant, identity, sid, source string) video.Event {
	return video.Event{
		ID: id, Kind: kind, Time: second(at), Room: room,
		Participant: &video.Participant{SID: participant, Identity: identity},
		Track:       &video.Track{SID: sid, Source: source},
	}
}

func egress(id string, kind video.EventKind, at int64, room video.EventRoom, e video.Egress) video.Event {
	e.RoomName, e.RoomSID = room.Name, room.SID
	return video.Event{ID: id, Kind: kind, Time: second(at), Room: room, Egress: &e}
}

func second(s int64) time.Time { return time.Unix(s, 0).UTC() }

func milli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func nano(ns int64) time.Time { return time.Unix(0, ns).UTC() }
