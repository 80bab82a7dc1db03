package notice

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	entnotice "github.com/anteroom-dev/anteroom/ent/notice"
	"github.com/anteroom-dev/anteroom/internal/job"
)

const (
	// keep is how long a notice can be watched for.
	keep = 24 * time.Hour
	// cleanInterval is how often older ones are removed.
	cleanInterval = time.Hour
)

// cleanArgs asks for old notices to be removed.
type cleanArgs struct{}

// Kind is permanent: jobs outlive programs.
func (cleanArgs) Kind() string { return "notice.clean" }

// clean removes all before the newest that is old. That one stays, so that the
// first id that is kept says since when none is missing.
func (n *Notices) clean(ctx context.Context, _ cleanArgs, _ job.Attempt) error {
	old, err := n.db.Notice.Query().Where(entnotice.CreateTimeLT(n.clock.Now().UTC().Add(-keep))).
		Order(entnotice.ByID(sql.OrderDesc())).Limit(1).IDs(ctx)
	if err != nil || len(old) == 0 {
		return err
	}
	_, err = n.db.Notice.Delete().Where(entnotice.IDLT(old[0])).Exec(ctx)
	return err
}
