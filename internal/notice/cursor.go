package notice

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// Cursors say how far somebody is: the last notice of each room. Ids are in the
// order of commits within a room alone, so one number for all would not do.
type Cursors map[uuid.UUID]int64

// roomsHash is how many bytes of a revision tell which rooms it is of.
const roomsHash = 6

// Revision writes cursors as short text.
func (c Cursors) Revision() string {
	rooms := slices.SortedFunc(maps.Keys(c), compare)
	raw := hashOf(rooms)
	for _, room := range rooms {
		raw = binary.AppendUvarint(raw, uint64(c[room]))
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// parseRevision reads cursors of some rooms; false when the text is not one of
// ours, or one of other rooms.
func parseRevision(revision string, rooms []uuid.UUID) (Cursors, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(revision)
	rooms = slices.SortedFunc(slices.Values(rooms), compare)
	rest, ours := bytes.CutPrefix(raw, hashOf(rooms))
	if err != nil || !ours {
		return nil, false
	}
	c := Cursors{}
	for _, room := range rooms {
		id, n := binary.Uvarint(rest)
		if n <= 0 || int64(id) < 0 {
			return nil, false
		}
		c[room], rest = int64(id), rest[n:]
	}
	return c, len(rest) == 0
}

func hashOf(sorted []uuid.UUID) []byte {
	h := sha256.New()
	for _, room := range sorted {
		h.Write(room[:])
	}
	return h.Sum(nil)[:roomsHash]
}

func compare(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
