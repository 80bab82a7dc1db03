//go:build soak

package recording

import "testing"

// TestSoakTheAccountOfRecordingsIsTrue plays many.
func TestSoakTheAccountOfRecordingsIsTrue(t *testing.T) { theAccountIsTrue(t, 3000) }
