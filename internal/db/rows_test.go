package db_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/pin"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestInsertRows writes numbers of rows that are no power of two and more than
// one INSERT takes; what is there is left, or changed where that is asked.
func TestInsertRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		room := newRoom(d.Client, "one").SaveX(ctx).ID
		into := db.Rows{
			Table:    pin.Table,
			Columns:  []string{pin.FieldID, pin.FieldRoomID, pin.FieldPinSpace, pin.FieldDigits, pin.FieldCreateTime},
			Conflict: "DO NOTHING", Returning: pin.FieldDigits,
		}
		insert := func(into db.Rows, digits string, spaces ...int) (written []string) {
			var rows [][]any
			for _, n := range spaces {
				rows = append(rows, []any{uuid.New(), room, strconv.Itoa(n), digits, noon})
			}
			require.NoError(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
				written, err = tx.InsertRows(ctx, into, rows)
				return err
			}))
			return written
		}
		count := func(digits string) int { return d.Pin.Query().Where(pin.Digits(digits)).CountX(ctx) }
		assert.Len(t, insert(into, "1111", 0, 1, 2, 2, 3), 4, "one of them twice")
		assert.Len(t, insert(into, "2222", seq(77)...), 73)
		assert.Empty(t, insert(into, "3333"))
		into.Returning, into.Conflict = "", "(room_id, pin_space) DO UPDATE SET digits = excluded.digits"
		insert(into, "4444", 76, 77, 78)
		assert.Equal(t, []int{4, 72, 3}, []int{count("1111"), count("2222"), count("4444")})
	})
}

func seq(n int) (numbers []int) {
	for i := range n {
		numbers = append(numbers, i)
	}
	return numbers
}

func TestPadded(t *testing.T) {
	values := []int{1, 2, 3, 4, 5}
	assert.Equal(t, []int{1, 2, 3, 4, 5, 5, 5, 5}, db.Padded(values))
	assert.Equal(t, []int{1, 2, 3, 3}, db.Padded(values[:3]))
	assert.Equal(t, []int{1, 2, 3, 4, 5}, values, "what follows in the array is left alone")
	assert.Equal(t, []int{1}, db.Padded(values[:1]))
	assert.Empty(t, db.Padded(slices.Clip(values[:0])))
}
