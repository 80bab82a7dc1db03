// Package storagetest gives tests an S3 server and an SQS server: versitygw,
// which checks signatures and expiry and keeps objects in a folder, and goaws,
// which keeps queues in memory and checks no signatures.
package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// The environment names the programs; `make test-go` sets it.
const (
	EnvVersitygw = "ANTEROOM_VERSITYGW"
	EnvGoaws     = "ANTEROOM_GOAWS"
)

// Region is where both servers say that they are.
const Region = "eu-west-3"

// The keys of both; S3 and SQS put them into the environment.
const (
	AccessKey = "storagetest"
	SecretKey = "storagetest-secret"
)

// S3 starts an S3 server with one empty bucket until the test ends, and gives
// the store's URL. It posts the bucket's notifications to webhook, if any.
func S3(t testing.TB, webhook string) string {
	t.Helper()
	program := find(t, EnvVersitygw)
	setKeys()
	address := freeAddress(t)
	args := []string{"--port", address, "--access", AccessKey, "--secret", SecretKey, "--region", Region, "--health", "/health", "--quiet"}
	if webhook != "" {
		args = append(args, "--event-webhook-url", webhook)
	}
	objects, metadata := t.TempDir(), t.TempDir() // metadata apart: not all file systems have attributes
	start(t, program, append(args, "posix", "--sidecar", metadata, objects)...)
	endpoint := "http://" + address
	await(t, endpoint+"/health")
	makeBucket(t, endpoint, "recordings")
	return "s3://recordings?" + url.Values{"endpoint": {endpoint}, "region": {Region}, "use_path_style": {"true"}}.Encode()
}

func makeBucket(t testing.TB, endpoint, name string) {
	t.Helper()
	client := s3.NewFromConfig(settings(t), func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = aws.String(endpoint), true })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(name)}); err != nil {
		t.Fatalf("storagetest: make a bucket: %v", err)
	}
}

// SQS starts an SQS server with one empty queue until the test ends, and gives
// the queue's URL. What is not acknowledged comes back after a second.
func SQS(t testing.TB) string {
	t.Helper()
	program := find(t, EnvGoaws)
	setKeys()
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	file := filepath.Join(t.TempDir(), "goaws.yaml")
	text := fmt.Sprintf("Local:\n  Host: 127.0.0.1\n  Port: %s\n  Region: %s\n  AccountId: \"000000000000\"\n  QueueAttributeDefaults:\n    VisibilityTimeout: 1\n  Queues:\n    - Name: notifications\n", port, Region)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, program, "-config", file, "-loglevel", "error")
	endpoint := "http://" + address
	await(t, endpoint+"/health")
	return "awssqs://" + address + "/000000000000/notifications?" + url.Values{"endpoint": {endpoint}, "region": {Region}}.Encode()
}

// MakeQueue makes the queue that another URL of such a server names.
func MakeQueue(t testing.TB, queue string) {
	t.Helper()
	u, err := url.Parse(queue)
	if err != nil {
		t.Fatal(err)
	}
	client := sqs.NewFromConfig(settings(t), func(o *sqs.Options) { o.BaseEndpoint = aws.String(u.Query().Get("endpoint")) })
	if _, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(path.Base(u.Path))}); err != nil {
		t.Fatalf("storagetest: make a queue: %v", err)
	}
}

func settings(t testing.TB) aws.Config {
	t.Helper()
	c, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(Region))
	if err != nil {
		t.Fatalf("storagetest: %v", err)
	}
	return c
}

func find(t testing.TB, env string) string {
	t.Helper()
	path, err := exec.LookPath(os.Getenv(env))
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") != "":
		t.Fatalf("storagetest: $%s is no program: run the tests by make test-go", env)
	default:
		t.Skipf("$%s is no program: run the tests by make test-go", env)
	}
	return ""
}

// setKeys puts the servers' keys into the environment, once and for all tests: they
// are always the same, and what changes it may not run beside others.
var setKeys = sync.OnceFunc(func() {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": AccessKey, "AWS_SECRET_ACCESS_KEY": SecretKey, "AWS_EC2_METADATA_DISABLED": "true",
		// A developer's own settings are not to be seen.
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		_ = os.Setenv(name, value) // fails for names that are none
	}
})

// freeAddress: neither server can be asked which port it got.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func start(t testing.TB, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	c := exec.CommandContext(ctx, program, args...)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	if err := c.Start(); err != nil {
		cancel()
		t.Fatalf("storagetest: start %s: %v", program, err)
	}
	t.Cleanup(func() {
		cancel()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(program), output.String())
		}
	})
}

// await returns when a server answers.
func await(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		a, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = a.Body.Close()
			if a.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("storagetest: nothing answers at %s", url)
}
