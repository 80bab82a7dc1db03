package recording

import (
	"context"
	"time"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/mail"
)

// title is what a recording is called: as whoever started it says, else by the
// template of their language, and for what starts by itself, the installation's.
func (r *Recordings) title(ctx context.Context, c *ent.Client, roomName string, p plan, at time.Time) (string, error) {
	if p.Title != "" {
		return p.Title, nil
	}
	reader := r.config.Reader
	if p.starter != nil {
		starter, err := c.User.Get(ctx, *p.starter)
		if err != nil {
			return "", err
		}
		reader = r.reader(starter)
	}
	return r.config.Languages.RecordingTitle(reader, roomName, at), nil
}

// reader is who reads as a user, who may be nil: unknown.
func (r *Recordings) reader(u *ent.User) mail.Reader {
	if u == nil {
		return r.config.Reader
	}
	return mail.Reader{Language: u.Language, TimeZone: u.TimeZone}.Or(r.config.Reader)
}

// Languages are those that titles and mails can be in, the installation's first.
func (r *Recordings) Languages() []string {
	first := r.config.Languages.For(r.config.Reader)
	tags := []string{first}
	for _, tag := range r.config.Languages.Tags() {
		if tag != first {
			tags = append(tags, tag)
		}
	}
	return tags
}
