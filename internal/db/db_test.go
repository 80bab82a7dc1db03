package db_test

import (
	"testing"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
