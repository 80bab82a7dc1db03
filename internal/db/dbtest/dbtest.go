// Package dbtest gives tests fresh databases, real ones: SQLite files, and
// databases of a Postgres that the test binary starts for itself.
package dbtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// EnvPostgresURL names a Postgres to be used instead of a private one. Its
// user must be allowed to create databases.
const EnvPostgresURL = "ANTEROOM_TEST_POSTGRES_URL"

// Main is TestMain of packages whose tests use a database:
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// It sets local time to UTC, as the program does, and cleans up in the end.
func Main(m *testing.M) {
	time.Local = time.UTC
	code := m.Run()
	if err := errors.Join(server.stop(), os.RemoveAll(sqliteTemplate.folder)); err != nil {
		fmt.Fprintln(os.Stderr, "dbtest: clean up:", err)
		code = cmp.Or(code, 1)
	}
	os.Exit(code)
}

// Each runs a test on each database, fresh and migrated.
func Each(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Open(t, SQLiteURL(t))) })
	t.Run("postgres", func(t *testing.T) { test(t, Open(t, PostgresURL(t))) })
}

// URLs names a fresh, migrated database of each kind, for tests that start the
// whole program. Where Postgres is missing the test is skipped, or fails in CI.
func URLs(t testing.TB) map[string]string {
	t.Helper()
	return map[string]string{"sqlite": SQLiteURL(t), "postgres": PostgresURL(t)}
}

// Open opens a database until the test ends.
func Open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatalf("dbtest: open: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("dbtest: close: %v", err)
		}
	})
	return d
}

// SQLiteURL names a fresh, migrated file.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate.content()
	if err != nil {
		t.Fatalf("dbtest: make the SQLite template: %v", err)
	}
	path := filepath.Join(t.TempDir(), "anteroom.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return "sqlite:" + path
}

// EmptySQLiteURL names a file that is not there yet.
func EmptySQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "anteroom.db")
}

// PostgresURL names a fresh, migrated Postgres database.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return server.database(t, templateName)
}

// EmptyPostgresURL names a Postgres database without a single table.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return server.database(t, "template0")
}

// sqliteTemplate is a migrated file, read once.
var sqliteTemplate migrated

type migrated struct {
	once   sync.Once
	folder string
	bytes  []byte
	err    error
}

func (m *migrated) content() ([]byte, error) {
	m.once.Do(func() { m.bytes, m.err = m.make() })
	return m.bytes, m.err
}

func (m *migrated) make() (_ []byte, err error) {
	if m.folder, err = os.MkdirTemp("", "anteroom-sqlite-"); err != nil {
		return nil, err
	}
	path := filepath.Join(m.folder, "template.db")
	if err := migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func migrate(ctx context.Context, url string) error {
	d, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

// server is the Postgres of this test binary, started when first asked for.
var server testServer

type testServer struct {
	once    sync.Once
	private *Postgres // none when the environment names a server
	admin   *db.DB
	url     string
	err     error
}

// templateName is the migrated database that others are copied from. On a
// server that others use as well it must not be theirs.
var templateName = "anteroom_template_" + strings.ToLower(rand.Text()[:8])

func (s *testServer) database(t testing.TB, template string) string {
	t.Helper()
	s.once.Do(func() { s.err = s.start(context.Background()) })
	if errors.Is(s.err, ErrNoPostgres) && os.Getenv("CI") == "" {
		t.Skip(s.err)
	}
	if s.err != nil {
		t.Fatal(s.err)
	}
	name := "anteroom_test_" + strings.ToLower(rand.Text()[:12])
	s.exec(t, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { s.exec(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return withDatabase(s.url, name)
}

func (s *testServer) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := s.admin.SQL.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Errorf("dbtest: %s: %v", statement, err)
	}
}

func (s *testServer) start(ctx context.Context) (err error) {
	if s.url = os.Getenv(EnvPostgresURL); s.url == "" {
		if s.private, err = StartPostgres(ctx, Options{}); err != nil {
			return err
		}
		s.url = s.private.URL("postgres")
	}
	if s.admin, err = db.Open(ctx, s.url); err != nil {
		return err
	}
	if _, err = s.admin.SQL.ExecContext(ctx, "CREATE DATABASE "+templateName+" TEMPLATE template0"); err != nil {
		return err
	}
	return migrate(ctx, withDatabase(s.url, templateName))
}

func (s *testServer) stop() error {
	if s.admin != nil {
		_, err := s.admin.SQL.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+templateName+" WITH (FORCE)")
		if err := errors.Join(err, s.admin.Close()); err != nil {
			return err
		}
	}
	if s.private != nil {
		return s.private.Stop()
	}
	return nil
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // db.Open took it
	}
	u.Path = "/" + name
	return u.String()
}
