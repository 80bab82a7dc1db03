package dbtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// ErrNoPostgres says that no Postgres is installed.
var ErrNoPostgres = errors.New("no initdb and postgres found: install postgresql (Debian: apt-get install postgresql), " +
	"or name a server in ANTEROOM_TEST_POSTGRES_URL")

// startTimeout is how long a new cluster may take until it answers.
const startTimeout = 30 * time.Second

// Options of a private Postgres.
type Options struct {
	// Durable has it flush to the disk as in earnest. Without, it is quicker
	// and does not survive a crash of the machine.
	Durable bool
	// Settings are more lines of its configuration, such as "work_mem=8MB".
	Settings []string
}

// Postgres is a private server with an empty folder of its own, reached
// through a socket in that folder alone.
type Postgres struct {
	Name string // its cluster_name, which is random

	folder string
	bin    string
	attr   *syscall.SysProcAttr
	opts   Options
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended
	log    *bytes.Buffer
}

// StartPostgres makes a cluster and starts it. As root it runs as the user
// postgres, or else nobody, since Postgres refuses to be root. It ends with
// this process, however that ends; Stop also removes its folder.
func StartPostgres(ctx context.Context, opts Options) (*Postgres, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	p := &Postgres{Name: "anteroom-test-" + rand.Text()[:8], log: &bytes.Buffer{}, bin: bin, opts: opts}
	if p.folder, err = os.MkdirTemp("", "anteroom-pg-"); err != nil {
		return nil, err
	}
	if err := p.start(ctx); err != nil {
		return nil, fmt.Errorf("start Postgres: %w (it said: %s)", errors.Join(err, p.Stop()), p.log)
	}
	return p, nil
}

// URL names a database of this server.
func (p *Postgres) URL(database string) string {
	query := url.Values{"host": {p.folder}, "sslmode": {"disable"}}
	return "postgres://postgres@/" + database + "?" + query.Encode()
}

// Pid is the server's process, for tests that kill it.
func (p *Postgres) Pid() int { return p.cmd.Process.Pid }

// Stop ends the server at once and removes its folder.
func (p *Postgres) Stop() error {
	if p.cmd != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // "immediate": nothing in it is worth a checkpoint
		<-p.exited
	}
	return os.RemoveAll(p.folder)
}

// Halt shuts the server down, as for a restart: who is connected is cut off.
func (p *Postgres) Halt() {
	_ = p.cmd.Process.Signal(syscall.SIGINT) // "fast"
	<-p.exited
}

// Resume starts it again after Halt, with what was in it.
func (p *Postgres) Resume(ctx context.Context) error {
	// Not CommandContext: the server outlives the context of its start.
	p.cmd = p.command(exec.Command(filepath.Join(p.bin, "postgres"), append([]string{"-D", p.data()}, p.settings()...)...))
	p.exited = make(chan struct{})
	if err := p.startPinned(); err != nil {
		return err
	}
	return p.ready(ctx)
}

func (p *Postgres) data() string { return filepath.Join(p.folder, "data") }

func (p *Postgres) start(ctx context.Context) (err error) {
	if p.attr, err = unprivileged(p.folder); err != nil {
		return err
	}
	initdb := p.command(exec.CommandContext(ctx, filepath.Join(p.bin, "initdb"), "--pgdata="+p.data(), "--username=postgres",
		"--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"))
	if err := initdb.Run(); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	return p.Resume(ctx)
}

// startPinned starts the server on an OS thread that waits for its end: the
// kernel takes the end of the starting thread for the parent's death.
func (p *Postgres) startPinned() error {
	cmd, exited, started := p.cmd, p.exited, make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(exited)
		}
	}()
	return <-started
}

func (p *Postgres) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = p.folder // a user of its own may not be able to enter the folder we are in
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = p.attr
	return cmd
}

func (p *Postgres) settings() []string {
	settings := []string{
		"cluster_name=" + p.Name, "listen_addresses=", "unix_socket_directories=" + p.folder,
		"max_connections=200", "shared_buffers=128MB", "log_min_messages=fatal",
	}
	if !p.opts.Durable {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	var args []string
	for _, s := range slices.Concat(settings, p.opts.Settings) {
		args = append(args, "-c", s)
	}
	return args
}

// ready waits until the server answers. It has no way to tell us, so we ask.
func (p *Postgres) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		d, err := db.Open(ctx, p.URL("postgres"))
		if err == nil {
			return d.Close()
		}
		select {
		case <-p.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// postgresBin finds the folder with initdb and postgres: where pg_config says,
// Debian's place (the newest), or the PATH.
func postgresBin() (string, error) {
	var folders []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(debian, func(a, b string) int { return len(b) - len(a) + strings.Compare(b, a) })
	folders = append(folders, debian...)
	if initdb, err := exec.LookPath("initdb"); err == nil {
		folders = append(folders, filepath.Dir(initdb))
	}
	for _, folder := range folders {
		if executable(folder, "initdb") && executable(folder, "postgres") {
			return folder, nil
		}
	}
	return "", ErrNoPostgres
}

func executable(folder, name string) bool {
	_, err := exec.LookPath(filepath.Join(folder, name))
	return err == nil
}
