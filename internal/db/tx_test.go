package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// noon is neither in UTC nor a whole number of microseconds.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 123456789, time.FixedZone("", 2*60*60))

func newRoom(c *ent.Client, slug string) *ent.RoomCreate {
	return c.Room.Create().SetSlug(slug).SetName("Room " + slug).SetAccessLevel(room.AccessLevelPublic).
		SetSettings(schema.RoomSettings{MaxParticipants: 7, DialIn: true}).SetProvider(room.ProviderLivekit).
		SetCreatorID(uuid.New()).SetCreateTime(noon).SetUpdateTime(noon)
}

func newAccess(c *ent.Client, r *ent.Room, email string) *ent.AccessCreate {
	return c.Access.Create().SetRoomID(r.ID).SetEmail(email).SetRole("member").SetCreateTime(noon)
}

// exercise does whatever a noun may do with a client.
func exercise(ctx context.Context, t *testing.T, c *ent.Client) {
	t.Helper()
	r := newRoom(c, "one").SaveX(ctx)
	r.Update().SetName("renamed").ExecX(ctx)
	c.Room.UpdateOneID(r.ID).SetUpdateTime(noon.Add(time.Minute)).ExecX(ctx)
	c.Access.CreateBulk(newAccess(c, r, "a@example.org"), newAccess(c, r, "b@example.org")).ExecX(ctx)
	require.NoError(t, newRoom(c, "one").SetID(r.ID).OnConflictColumns(room.FieldID).Ignore().Exec(ctx))
	assert.Equal(t, 1, c.Room.Update().Where(room.Slug("one")).SetAccessLevel(room.AccessLevelTrusted).SaveX(ctx))

	read := c.Room.Query().Where(room.Slug("one")).WithAccesses().OnlyX(ctx)
	assert.Equal(t, "renamed", read.Name)
	assert.Equal(t, room.AccessLevelTrusted, read.AccessLevel)
	assert.Equal(t, schema.RoomSettings{MaxParticipants: 7, DialIn: true}, read.Settings)
	assert.Len(t, read.Edges.Accesses, 2)
	assert.Equal(t, noon.UTC().Truncate(time.Microsecond), read.CreateTime, "times are stored and read in UTC")
	assert.Equal(t, 2, c.Access.Delete().ExecX(ctx))
}

func TestClientDoesAllInATransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
			exercise(t.Context(), t, tx.Client)
			return nil
		}))
		assert.Equal(t, "renamed", d.Room.Query().OnlyX(t.Context()).Name)
	})
}

func TestClientDoesAllOutsideOfTransactions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { exercise(t.Context(), t, d.Client) })
}

func TestErrorRollsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		changedMind := errors.New("changed my mind")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			exercise(t.Context(), t, tx.Client)
			tx.OnCommit(func() { t.Error("there was no commit") })
			return changedMind
		})
		require.ErrorIs(t, err, changedMind)
		assert.Zero(t, d.Room.Query().CountX(t.Context()))
	})
}

func TestPanicRollsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		assert.PanicsWithValue(t, "oh no", func() {
			_ = d.InTx(t.Context(), func(tx *db.Tx) error {
				newRoom(tx.Client, "one").ExecX(t.Context())
				panic("oh no")
			})
		})
		newRoom(d.Client, "two").ExecX(t.Context()) // nobody holds a lock
		assert.Equal(t, 1, d.Room.Query().CountX(t.Context()))
	})
}

func TestOnCommitIsAfterIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		seen := 0
		require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
			tx.OnCommit(func() { seen = d.Room.Query().CountX(t.Context()) })
			return newRoom(tx.Client, "one").Exec(t.Context())
		}))
		assert.Equal(t, 1, seen)
	})
}

// TestDeadlockIsTriedAgain has two transactions lock two rooms crosswise.
func TestDeadlockIsTriedAgain(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	ctx := t.Context()
	rooms := []*ent.Room{newRoom(d.Client, "one").SaveX(ctx), newRoom(d.Client, "two").SaveX(ctx)}
	var both, done sync.WaitGroup
	both.Add(2)
	tries := make(chan int, 10)
	for i := range 2 {
		done.Go(func() {
			first := true
			assert.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
				tries <- i
				tx.Room.UpdateOne(rooms[i]).SetName("mine").ExecX(ctx)
				if first {
					first = false
					both.Done()
					both.Wait() // each has locked its own
				}
				return tx.Room.UpdateOne(rooms[1-i]).SetName("mine").Exec(ctx)
			}))
		})
	}
	done.Wait()
	assert.Len(t, tries, 3, "one of the two went first, the other twice")
}

func TestLock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		r := newRoom(d.Client, "one").SaveX(ctx)
		const adders = 8
		var done sync.WaitGroup
		for range adders {
			done.Go(func() {
				assert.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
					locked, err := tx.Room.Query().Where(room.ID(r.ID), db.Lock).Only(ctx)
					if err != nil {
						return err
					}
					return locked.Update().SetName(locked.Name + "+").Exec(ctx) // lost unless locked
				}))
			})
		}
		done.Wait()
		assert.Equal(t, r.Name+"++++++++", d.Room.GetX(ctx, r.ID).Name)
	})
}

// TestLockLetsOthersReferToTheRow would hang with FOR UPDATE.
func TestLockLetsOthersReferToTheRow(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	ctx := t.Context()
	r := newRoom(d.Client, "one").SaveX(ctx)
	require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
		tx.Room.Query().Where(room.ID(r.ID), db.Lock).OnlyX(ctx)
		return newAccess(d.Client, r, "a@example.org").Exec(ctx) // in a transaction of its own
	}))
}

func TestReadersDoNotWaitForTheWriter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		newRoom(d.Client, "one").ExecX(ctx)
		require.NoError(t, d.InTx(ctx, func(tx *db.Tx) error {
			newRoom(tx.Client, "two").ExecX(ctx)
			assert.Equal(t, 1, d.Room.Query().CountX(ctx), "what is not committed is not seen")
			assert.Equal(t, 2, tx.Room.Query().CountX(ctx))
			return nil
		}))
		assert.Equal(t, 2, d.Room.Query().CountX(ctx))
	})
}
