package db_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/pin"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

func TestInsertNewLeavesTheTransactionUsable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
			r := newRoom(tx.Client, "one").SaveX(ctx)
			insert := func() bool {
				inserted, err := tx.InsertNew(ctx, pin.Table, map[string]any{
					pin.FieldID: uuid.New(), pin.FieldRoomID: r.ID, pin.FieldPinSpace: "default",
					pin.FieldDigits: "0123456789", pin.FieldCreateTime: noon,
				})
				require.NoError(t, err)
				return inserted
			}
			assert.True(t, insert())
			assert.False(t, insert())
			return nil
		}))
		assert.Equal(t, "0123456789", d.Pin.Query().OnlyX(ctx).Digits)
	})
}
