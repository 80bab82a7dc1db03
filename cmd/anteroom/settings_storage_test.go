package main

import "testing"

// TestStoresThatCannotBeOpened: what a store's URL itself tells to be wrong is said with
// all else, before anything starts.
func TestStoresThatCannotBeOpened(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	config := file(t, "anteroom.yaml", enough)
	check := func(args ...string) error {
		_, err := parse(t, append([]string{"config", "--check", "--config", config}, args...)...)
		return err
	}
	folder, bucket := "file:///tmp", "s3://recordings?region=eu-west-3"
	for _, url := range []string{
		"s3://recordings", "s3://recordings?endpoint=http://minio:9000&use_path_style=true", "s3://recordings?regoin=eu-west-3",
	} {
		requireWrong(t, check("--storage-url", url), "storage-url")
		requireWrong(t, check("--storage-url", folder, "--storage-archive-url", url), "storage-archive-url")
	}
	requireWrong(t, check("--storage-url", bucket, "--storage-archive-url", bucket), "storage-archive-url")
	requireWrong(t, check("--storage-archive-url", bucket), "storage-url")
	requireWrong(t, check("--storage-access-key", "key", "--storage-secret-key", "secret"), "storage-url")
	for _, args := range [][]string{{}, {"--storage-url", bucket}, {"--storage-url", folder, "--storage-archive-url", bucket}} {
		if err := check(args...); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}
