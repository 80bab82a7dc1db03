package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// folderFormat is raised when a newer program cannot live in an older folder;
// the database has its own migrations and does not count.
const folderFormat = 1

// folder is the data folder of `anteroom dev`, locked while it is open.
type folder struct {
	path string
	keys keys
	lock *os.File
}

// keys are made once for a folder, so that tokens outlive a restart.
type keys struct {
	Format        int    `json:"format"`
	Secret        []byte `json:"secret"`
	LivekitKey    string `json:"livekit_key"`
	LivekitSecret string `json:"livekit_secret"`
}

// openFolder makes or opens a data folder and locks it. The lock is the
// kernel's: it ends with the process, however that ends.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made: %w; choose another with --data", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be written: %w; choose another with --data", err)
	}
	f := &folder{path: path, lock: lock}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.close()
		return nil, fmt.Errorf("another anteroom is running in %s: end it, or choose another folder with --data", path)
	}
	if f.keys, err = readKeys(filepath.Join(path, "keys.json")); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *folder) close() { _ = f.lock.Close() }

// databaseIn is the database of a data folder.
func databaseIn(folder string) string { return filepath.Join(folder, "anteroom.db") }

func readKeys(path string) (keys, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return makeKeys(path)
	}
	if err != nil {
		return keys{}, err
	}
	var k keys
	if json.Unmarshal(raw, &k) != nil || k.Format != folderFormat || len(k.Secret) < 32 || k.LivekitKey == "" || len(k.LivekitSecret) < 32 {
		return keys{}, fmt.Errorf("%s is not of this version of Anteroom: move the folder %s away, or choose another with --data", path, filepath.Dir(path))
	}
	return k, nil
}

// makeKeys writes a whole file or none, so that a crash leaves no half of one.
func makeKeys(path string) (keys, error) {
	k := keys{Format: folderFormat, Secret: make([]byte, 32), LivekitKey: "API" + rand.Text()[:12], LivekitSecret: rand.Text() + rand.Text()}
	if _, err := rand.Read(k.Secret); err != nil {
		return k, err
	}
	raw, err := json.Marshal(k) //nolint:gosec // this file is where the secrets are kept
	if err != nil {
		return k, err
	}
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return k, fmt.Errorf("the data folder cannot be written: %w; choose another with --data", err)
	}
	return k, os.Rename(path+".new", path)
}

// listen takes the address, or says who may have it.
func listen(address, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use: end the program that has it, or choose another address with --%s (port 0 takes any free one)", address, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --%s", address, err, flag)
	}
	return l, nil
}

// reachable is an address that this machine can be reached at by itself: one
// that listens everywhere also listens on loopback.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
}
