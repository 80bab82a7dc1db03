package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnEmptySecretFileIsAMistake: without it a client would be a public one that
// was meant to have a secret.
func TestAnEmptySecretFileIsAMistake(t *testing.T) {
	c := file(t, "anteroom.yaml", enough)
	for _, text := range []string{"", "\n"} {
		_, err := parse(t, "serve", "--config", c, "--oidc-client-secret-file", file(t, "secret", text))
		require.ErrorContains(t, err, "oidc-client-secret-file")
		require.ErrorContains(t, err, "is empty")
	}
}
