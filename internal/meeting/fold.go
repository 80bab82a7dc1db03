package meeting

import (
	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Fold is the account that events make by themselves: the rows, in no order, that
// Apply would write into an empty database. Their create times are left out. It is
// for tests, which ask it more often than they could ask a database.
func Fold(rooms map[string]*ent.Room, events []video.Event) (meetings []*ent.Meeting, people []*ent.Participation) {
	a := &account{map[key]*meeting{}, map[key]*connection{}}
	for _, e := range events {
		a.merge(rooms[e.Room.Name], e)
	}
	for k, m := range a.meetings {
		meetings = append(meetings, m.entity(k))
	}
	for k, c := range a.participations {
		people = append(people, c.entity(k))
	}
	return meetings, people
}
