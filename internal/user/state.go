package user

import "time"

// ended says why a key is not good any more; empty while it is.
func ended(revoked, expires *time.Time, now time.Time) string {
	switch {
	case revoked != nil:
		return "revoked"
	case expires != nil && !now.Before(*expires):
		return "expired"
	}
	return ""
}

const (
	refreshSoonest = time.Minute
	refreshLatest  = 15 * time.Minute
)

// refreshAt says when the provider is asked again who somebody is: when its
// access token ends, and not so late that who was an operator stays one for long.
func refreshAt(accessEnds, now time.Time) time.Time {
	if accessEnds.IsZero() {
		return now.Add(refreshLatest)
	}
	in := min(max(accessEnds.Sub(now), refreshSoonest), refreshLatest)
	return now.Add(in)
}
