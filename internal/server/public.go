package server

import "net/url"

// CheckPublicURL sees that people can sign in at a URL.
func CheckPublicURL(raw string) error {
	if u, err := url.Parse(raw); err != nil || !trusted(u) {
		return ErrPublicURL
	}
	return nil
}
