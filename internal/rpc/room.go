package rpc

import (
	"context"

	"github.com/google/uuid"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/room"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/video"
)

type roomService struct {
	rooms      *room.Rooms
	sip        *sip.SIP
	recordings *recording.Recordings
	abilities  abilities
	version    string
	signIn     bool
}

// CreateRoom implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) CreateRoom(ctx context.Context, req *anteroomv1.CreateRoomRequest) (*anteroomv1.CreateRoomResponse, error) {
	settings := room.DefaultSettings()
	mergeSettings(&settings, req.GetSettings())
	made, err := s.rooms.Create(ctx, room.NewRoom{
		Name: req.GetName(), Slug: req.GetSlug(), Level: toLevel(req.GetAccessLevel()), Settings: settings,
		Provider: toProvider(req.GetProvider()), RequestID: req.GetRequestId(),
	})
	if err != nil {
		return nil, err
	}
	shown, err := s.show(ctx, made)
	return &anteroomv1.CreateRoomResponse{Room: shown}, err
}

// GetRoom implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) GetRoom(ctx context.Context, req *anteroomv1.GetRoomRequest) (*anteroomv1.GetRoomResponse, error) {
	found, err := s.rooms.Get(ctx, req.GetRoom())
	if err != nil {
		return nil, err
	}
	shown, err := s.show(ctx, found)
	return &anteroomv1.GetRoomResponse{Room: shown}, err
}

// ListRooms implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) ListRooms(ctx context.Context, req *anteroomv1.ListRoomsRequest) (*anteroomv1.ListRoomsResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rooms, more, err := s.rooms.List(ctx, req.GetAll(), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListRoomsResponse{}
	found := map[video.Name]*anteroomv1.Capabilities{}
	for _, rm := range rooms {
		name := video.Name(rm.Provider)
		if found[name] == nil {
			if found[name], err = s.abilities.of(ctx, name); err != nil {
				return nil, err
			}
		}
		resp.Rooms = append(resp.Rooms, fromRoom(rm, found[name], s.recordings.Always(rm.Room)))
		resp.NextPageToken = next(more, rm.ID)
	}
	return resp, nil
}

// UpdateRoom implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) UpdateRoom(ctx context.Context, req *anteroomv1.UpdateRoomRequest) (*anteroomv1.UpdateRoomResponse, error) {
	changes, err := toRoomChanges(req)
	if err != nil {
		return nil, err
	}
	changed, err := s.rooms.Update(ctx, req.GetRoom(), changes)
	if err != nil {
		return nil, err
	}
	shown, err := s.show(ctx, changed)
	return &anteroomv1.UpdateRoomResponse{Room: shown}, err
}

// DeleteRoom implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) DeleteRoom(ctx context.Context, req *anteroomv1.DeleteRoomRequest) (*anteroomv1.DeleteRoomResponse, error) {
	return &anteroomv1.DeleteRoomResponse{}, s.rooms.Delete(ctx, req.GetRoom(), fates[req.GetRecordings()])
}

// JoinRoom implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) JoinRoom(ctx context.Context, req *anteroomv1.JoinRoomRequest) (*anteroomv1.JoinRoomResponse, error) {
	pass, err := s.rooms.Join(ctx, req.GetRoom(), room.Visitor{
		DisplayName: req.GetDisplayName(), Ticket: req.GetTicket(), Attributes: req.GetAttributes(),
	})
	if err != nil {
		return nil, err
	}
	return &anteroomv1.JoinRoomResponse{Result: &anteroomv1.JoinRoomResponse_Pass{Pass: fromPass(pass)}}, nil
}

// GetClientConfig implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) GetClientConfig(ctx context.Context, _ *anteroomv1.GetClientConfigRequest) (*anteroomv1.GetClientConfigResponse, error) {
	on, numbers := s.sip.Telephony()
	config := &anteroomv1.ClientConfig{
		Languages: s.recordings.Languages(), Telephony: on, DialInNumbers: fromNumbers(numbers), Version: s.version,
		MaxRecordingMs: uint64(s.recordings.MaxDuration().Milliseconds()), SignIn: s.signIn,
	}
	for _, name := range s.abilities.providers.Names(s.rooms.DefaultProvider()) {
		can, err := s.abilities.of(ctx, name)
		if err != nil {
			return nil, err
		}
		config.Providers = append(config.Providers, &anteroomv1.ProviderConfig{Provider: fromProvider(name), Capabilities: can})
	}
	return &anteroomv1.GetClientConfigResponse{ClientConfig: config}, nil
}

// show is the whole of a room that its caller may see, with the dial-in for
// who may enter.
func (s *roomService) show(ctx context.Context, rm *room.Room) (*anteroomv1.Room, error) {
	can, err := s.abilities.of(ctx, video.Name(rm.Provider))
	if err != nil {
		return nil, err
	}
	shown := fromRoom(rm, can, s.recordings.Always(rm.Room))
	if !rm.May(access.EnterRoom) || !s.sip.AcceptsCalls(rm.Room) {
		return shown, nil
	}
	d, err := s.sip.DialIn(ctx, rm.Room)
	if err != nil {
		return nil, err
	}
	shown.DialIn = fromDialIn(d)
	return shown, nil
}

// parseID reads an id that the validation has seen to be one.
func parseID(s string) uuid.UUID {
	id, _ := uuid.Parse(s)
	return id
}
