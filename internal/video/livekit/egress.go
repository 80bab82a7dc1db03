package livekit

import (
	"time"

	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

var statuses = map[livekit.EgressStatus]video.EgressStatus{
	livekit.EgressStatus_EGRESS_STARTING:      video.Starting,
	livekit.EgressStatus_EGRESS_ACTIVE:        video.Active,
	livekit.EgressStatus_EGRESS_ENDING:        video.Ending,
	livekit.EgressStatus_EGRESS_COMPLETE:      video.Complete,
	livekit.EgressStatus_EGRESS_FAILED:        video.CaptureFailed,
	livekit.EgressStatus_EGRESS_ABORTED:       video.CaptureAborted,
	livekit.EgressStatus_EGRESS_LIMIT_REACHED: video.LimitReached,
}

// egressOf reads what webhooks, lists and answers hold alike.
func (p *Provider) egressOf(i *livekit.EgressInfo) *video.Egress {
	if i == nil {
		return nil
	}
	return &video.Egress{
		ID:         i.EgressId,
		RoomName:   i.RoomName,
		RoomSID:    i.RoomId,
		Status:     statuses[i.Status],
		Path:       withoutNUL(p.store.key(askedPath(i))),
		Files:      p.filesOf(i),
		Error:      withoutURLs(i.Error), // a store's or a stream's URL may hold its key
		StartTime:  unixNano(i.StartedAt),
		EndTime:    unixNano(i.EndedAt),
		UpdateTime: unixNano(i.UpdatedAt),
	}
}

// egressTexts are those of its texts that are the same wherever they are read.
func egressTexts(i *livekit.EgressInfo) []*string {
	texts := []*string{&i.EgressId, &i.RoomName, &i.RoomId, &i.Error}
	for _, f := range i.FileResults {
		texts = append(texts, &f.Filename, &f.Location)
	}
	if f := i.GetFile(); f != nil { //nolint:staticcheck // what old recorders say
		texts = append(texts, &f.Filename, &f.Location)
	}
	return texts
}

// filesOf leaves out those that have no name yet.
func (p *Provider) filesOf(i *livekit.EgressInfo) []video.File {
	results := i.FileResults
	if f := i.GetFile(); len(results) == 0 && f != nil { //nolint:staticcheck // what old recorders say
		results = []*livekit.FileInfo{f}
	}
	var files []video.File
	for _, f := range results {
		if f.Filename == "" {
			continue
		}
		files = append(files, video.File{
			Path:      p.store.key(f.Filename),
			Location:  f.Location,
			Size:      max(f.Size, 0),
			Duration:  max(time.Duration(f.Duration), 0),
			StartTime: unixNano(f.StartedAt),
			EndTime:   unixNano(f.EndedAt),
		})
	}
	return files
}

// encodedRequest is any of the older requests that encode.
type encodedRequest interface {
	GetFileOutputs() []*livekit.EncodedFileOutput
}

// askedPath is the file that the recorder was asked for, in whichever call.
func askedPath(i *livekit.EgressInfo) string {
	if request := i.GetEgress(); request != nil {
		for _, output := range request.Outputs {
			if file := output.GetFile(); file != nil {
				return file.Filepath
			}
		}
		return ""
	}
	if request := i.GetTrack(); request != nil {
		return request.GetFile().GetFilepath()
	}
	for _, request := range []encodedRequest{i.GetRoomComposite(), i.GetParticipant(), i.GetTrackComposite(), i.GetWeb()} {
		for _, output := range request.GetFileOutputs() {
			return output.Filepath
		}
	}
	for _, request := range []interface {
		GetFile() *livekit.EncodedFileOutput
	}{i.GetRoomComposite(), i.GetTrackComposite(), i.GetWeb()} {
		if file := request.GetFile(); file != nil {
			return file.Filepath
		}
	}
	return ""
}

// unixNano is zero for what was not stated.
func unixNano(nanoseconds int64) time.Time {
	if nanoseconds <= 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}
