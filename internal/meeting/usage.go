package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/user"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrPeriod says that a period is empty or too long.
	ErrPeriod = fault.New(fault.Invalid, "invalid_period", "a period ends after its beginning, 366 days later at most")
	// ErrTimeZone says that a time zone is not known.
	ErrTimeZone = fault.New(fault.Invalid, "invalid_time_zone", "a time zone is an IANA name, as Europe/Paris")
	// ErrUsageDenied says that a room is not the caller's own.
	ErrUsageDenied = fault.New(fault.Denied, "permission_denied", "only owners and operators see how much a room is used")
)

// maxPeriod is how long a usage report's period may be.
const maxPeriod = 366 * 24 * time.Hour

// Group is by what usage is added up.
type Group uint8

// The groups.
const (
	ByDay Group = iota + 1
	ByRoom
	ByUser
)

// Report says what usage to add up.
type Report struct {
	From, To time.Time
	GroupBy  Group
	TimeZone string // IANA; "" is UTC
	Room     string // id or slug; "" for all that the caller may see
}

// Usage is one row of a report.
type Usage struct {
	Key  string // the day as 2006-01-02, the room's id, or the user's; "" for who has no account
	Name string // of the room or the user
	Tally
	Reconnects, Failures, EstimatedEnds int
	Clients                             []ClientCount
}

// ClientCount says how many connections came with a device and a browser.
type ClientCount struct {
	Client
	Connections int
}

// Usage reads a page of a report's rows after the one with a given key; nil
// begins. more says whether another page follows.
func (h *History) Usage(ctx context.Context, r Report, after *string, size int) (page []*Usage, more bool, err error) {
	days, err := r.days(after)
	if err != nil {
		return nil, false, err
	}
	scope, args, err := h.scope(ctx, r.Room)
	if err != nil {
		return nil, false, err
	}
	if r.GroupBy != ByDay {
		days = []period{{"", r.From.UnixMilli(), r.To.UnixMilli()}}
	} else if more = len(days) > size; more {
		days = days[:size]
	}
	if len(days) == 0 {
		return nil, false, nil
	}
	list, err := json.Marshal(days)
	if err != nil {
		return nil, false, err
	}
	first, last := time.UnixMilli(days[0].From).UTC(), time.UnixMilli(days[len(days)-1].To).UTC()
	args = append([]any{h.now(), first, last, string(list), after == nil, deref(after), size + 1}, args...)
	if page, err = h.usage(ctx, usageQueries[r.GroupBy][scope][h.db.Dialect], args); err != nil {
		return nil, false, err
	}
	if len(page) > size {
		page, more = page[:size], true
	}
	return page, more, h.name(ctx, r.GroupBy, page)
}

// scope says of which rooms the caller gets a report, with the arguments that
// the query needs for it.
func (h *History) scope(ctx context.Context, ref string) (string, []any, error) {
	a := h.asker(ctx)
	switch {
	case ref != "":
		rm, err := a.room(ctx, h.db.Client, ref)
		if err != nil {
			return "", nil, err
		}
		if !a.may(rm, access.ReadUsage) {
			return "", nil, ErrUsageDenied
		}
		return scopeRoom, []any{rm.ID}, nil
	case a.Operator:
		return scopeAll, nil, nil
	}
	return scopeOwned, []any{a.UserID, a.Email}, nil
}

func (h *History) usage(ctx context.Context, query string, args []any) (page []*Usage, err error) {
	rows, err := h.db.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("add up usage: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var u Usage
		var total, phone int64
		var clients []byte
		if err := rows.Scan(&u.Key, &u.Meetings, &u.People, &u.Callers, &total, &phone, &u.Peak,
			&u.Reconnects, &u.Failures, &u.EstimatedEnds, &clients); err != nil {
			return nil, fmt.Errorf("add up usage: %w", err)
		}
		u.Total, u.Phone = milliseconds(total), milliseconds(phone)
		if err := json.Unmarshal(clients, &u.Clients); err != nil {
			return nil, fmt.Errorf("read the clients of a report: %w", err)
		}
		page = append(page, &u)
	}
	return page, rows.Err()
}

// name adds what rooms and users are called.
func (h *History) name(ctx context.Context, by Group, page []*Usage) error {
	var ids []uuid.UUID
	for _, u := range page {
		if id, err := uuid.Parse(u.Key); err == nil {
			ids = append(ids, id)
		}
	}
	names := map[string]string{}
	switch by {
	case ByRoom:
		rooms, err := h.db.Room.Query().Where(entroom.IDIn(ids...)).Select(entroom.FieldID, entroom.FieldName).All(ctx)
		if err != nil {
			return err
		}
		for _, rm := range rooms {
			names[rm.ID.String()] = rm.Name
		}
	case ByUser:
		users, err := h.db.User.Query().Where(user.IDIn(ids...)).Select(user.FieldID, user.FieldFullName).All(ctx)
		if err != nil {
			return err
		}
		for _, u := range users {
			names[u.ID.String()] = u.FullName
		}
	}
	for _, u := range page {
		u.Name = names[u.Key]
	}
	return nil
}

// period is from one moment to another, in milliseconds, with its row's key.
type period struct {
	Name     string
	From, To int64
}

// days are those of the report's period after a given one, in its time zone;
// the first and the last may be parts of days.
func (r Report) days(after *string) (days []period, err error) {
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil || r.TimeZone == "Local" {
		return nil, ErrTimeZone
	}
	if !r.To.After(r.From) || r.To.Sub(r.From) > maxPeriod {
		return nil, ErrPeriod
	}
	local := r.From.In(zone)
	for begin, n := r.From, 1; begin.Before(r.To); n++ {
		end := startOfDay(local.Year(), local.Month(), local.Day()+n, zone)
		if end.After(r.To) {
			end = r.To
		}
		name := time.Date(local.Year(), local.Month(), local.Day()+n-1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if (after == nil || name > *after) && end.After(begin) {
			days = append(days, period{name, begin.UnixMilli(), end.UnixMilli()})
		}
		begin = end
	}
	return days, nil
}

// startOfDay is the first moment of a day: midnight, or, where clocks were put
// forward over it, when they were.
func startOfDay(year int, month time.Month, day int, zone *time.Location) time.Time {
	wanted := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	start := time.Date(year, month, day, 0, 0, 0, 0, zone)
	// For a moment that was left out Go takes the clock of either side.
	shown := time.Date(start.Year(), start.Month(), start.Day(), start.Hour(), start.Minute(), 0, 0, time.UTC)
	before, after := start.ZoneBounds()
	switch {
	case shown.After(wanted):
		return before
	case shown.Before(wanted):
		return after
	}
	return start
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
