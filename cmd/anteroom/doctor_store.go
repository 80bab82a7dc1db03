package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

func (d *doctor) checkStore(ctx context.Context) []finding {
	place := d.config.Storage
	if place.URL == "" {
		return absent(storeNone)
	}
	archive := place
	place.ArchiveURL, archive.ArchiveURL, archive.URL = "", "", place.ArchiveURL
	all := under("store", tryStore(ctx, place))
	if archive.URL != "" {
		all = append(all, under("archive", tryStore(ctx, archive))...)
	}
	if d.config.StorageQueue != "" {
		all = append(all, under("store queue", d.checkQueue(ctx))...)
	}
	return all
}

func (d *doctor) checkQueue(ctx context.Context) []finding {
	queue, err := storage.NewQueue(d.config.StorageQueue, d.config.Clock, slog.Default())
	if err == nil {
		err = queue.Check(ctx)
	}
	if err != nil {
		return fail(queueUnreadable, err)
	}
	return ok("the queue of its notifications answers")
}

// tryStore writes a small file, sees it, reads it as a browser does, and deletes it.
func tryStore(ctx context.Context, place storage.Config) []finding {
	store, err := storage.Open(ctx, place)
	if err != nil {
		return fail(storeUnwritable, err)
	}
	defer func() { _ = store.Close() }()
	id := uuid.Must(uuid.NewV7()).String()
	key, content := "anteroom-doctor/"+id+".txt", []byte("anteroom doctor "+id)
	if err := store.Write(ctx, key, bytes.NewReader(content)); err != nil {
		return fail(storeUnwritable, err)
	}
	readable := readByLink(ctx, store, key, content)
	if err := store.Delete(ctx, key); err != nil {
		return fail(storeUnwritable, err)
	}
	if readable != nil {
		return fail(storeUnreadable, readable)
	}
	return ok("a file was written, seen, read by its link and deleted")
}

func readByLink(ctx context.Context, store storage.Store, key string, content []byte) error {
	if _, err := store.Stat(ctx, key); err != nil {
		return err
	}
	link, err := store.SignedURL(ctx, key, storage.Link{Expiry: time.Minute})
	if err != nil {
		return err
	}
	got, err := fetch(ctx, link)
	if err == nil && !bytes.Equal(got, content) {
		err = errors.New("it is not what was written")
	}
	return err
}

func (d *doctor) checkMail(ctx context.Context) []finding {
	if d.mail == nil {
		return absent(noMail)
	}
	err := d.mail.Check(ctx)
	switch {
	case errors.Is(err, mail.ErrRefused):
		return fail(mailSender, err)
	case err != nil:
		return fail(mailAway, err)
	}
	return ok("the mail server lets us in, and takes mails from %s", d.flags.MailFrom)
}
