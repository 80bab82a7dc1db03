package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// bareDatabase does the least that the product's writes must do, and nothing
// else: with the same driver, the same settings and the same promise that what
// is committed is on the disk. Its statements are prepared once on each
// connection, which is what internal/db does with every text that has arguments.
type bareDatabase struct{ *db.DB }

const (
	insertEvent  = "INSERT INTO event (id, event_id, body) VALUES ($1, $2, $3)"
	insertRoom   = "INSERT INTO room (id, slug, name) VALUES ($1, $2, $3)"
	insertAccess = "INSERT INTO access (id, room_id, role) VALUES ($1, $2, $3)"
)

// bodySize is that of a webhook's body, in bytes.
const bodySize = 2000

func openBare(ctx context.Context, url string) (*bareDatabase, error) {
	d, err := db.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	id, body := "uuid", "bytea"
	if !d.IsPostgres() {
		id, body = "text", "blob"
	}
	for _, table := range []string{
		"CREATE TABLE event (id " + id + " PRIMARY KEY, event_id text NOT NULL UNIQUE, body " + body + " NOT NULL)",
		"CREATE TABLE room (id " + id + " PRIMARY KEY, slug text NOT NULL UNIQUE, name text NOT NULL)",
		"CREATE TABLE access (id " + id + " PRIMARY KEY, room_id " + id + " NOT NULL REFERENCES room (id), role text NOT NULL)",
	} {
		if _, err := d.SQL.ExecContext(ctx, table); err != nil {
			return nil, errors.Join(err, d.Close())
		}
	}
	return &bareDatabase{d}, nil
}

// insertOne commits one row of a webhook's size with a unique key.
func (b *bareDatabase) insertOne(ctx context.Context, body []byte) error {
	_, err := b.SQL.ExecContext(ctx, insertEvent, uuid.Must(uuid.NewV7()), "EV_"+rand.Text(), body)
	return err
}

// insertPair commits a room and its owner's access.
func (b *bareDatabase) insertPair(ctx context.Context) error {
	tx, err := b.SQL.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after the commit
	room := uuid.Must(uuid.NewV7())
	if _, err := tx.ExecContext(ctx, insertRoom, room, "room-"+rand.Text(), "A room"); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, insertAccess, uuid.Must(uuid.NewV7()), room, "owner"); err != nil {
		return err
	}
	return tx.Commit()
}

func (b *bench) insertOperation() operation {
	body := make([]byte, bodySize)
	_, _ = rand.Read(body) // it never fails
	return b.bareOperation(nameInsert, func(ctx context.Context) error { return b.bare.insertOne(ctx, body) })
}

func (b *bench) pairOperation() operation {
	return b.bareOperation(namePair, b.bare.insertPair)
}

// bareOperation has a database connection for each client; SQLite has one
// writer whoever asks.
func (b *bench) bareOperation(name string, do func(context.Context) error) operation {
	return operation{
		name: name, cpu: ownClock, database: b.databaseClock(),
		start: func(_ context.Context, connections int, _ time.Duration) ([]func(context.Context) error, error) {
			if b.bare.IsPostgres() {
				b.bare.SQL.SetMaxOpenConns(connections)
				b.bare.SQL.SetMaxIdleConns(connections)
			}
			return same(do, connections), nil
		},
	}
}

// same is one function for every connection.
func same(do func(context.Context) error, connections int) []func(context.Context) error {
	all := make([]func(context.Context) error, connections)
	for i := range all {
		all[i] = do
	}
	return all
}
