package storage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

func TestPlaceOf(t *testing.T) {
	for raw, want := range map[string]storage.Place{
		"file:///srv/recordings":           {Folder: "/srv/recordings"},
		"file:///srv/with%20space":         {Folder: "/srv/with space"},
		"s3://films?region=eu-west-3":      {Bucket: "films", Region: "eu-west-3"},
		"s3://films/?use_path_style=0":     {Bucket: "films"},
		"s3://films?s3ForcePathStyle=true": {Bucket: "films", PathStyle: true},
		"s3://films?prefix=a/b/&x=y":       {Bucket: "films", Prefix: "a/b/"},
		"s3://f?endpoint=http://h:9000/":   {Bucket: "f", Endpoint: "http://h:9000/"},
		"s3://f?region=r&endpoint=https%3A%2F%2Fh&use_path_style=true&public_endpoint=https://p": {
			Bucket: "f", Region: "r", Endpoint: "https://h", PathStyle: true,
		},
	} {
		place, err := storage.PlaceOf(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, place, raw)
	}
	for _, raw := range []string{
		"", "recordings", "file://host/x", "file:relative", "file:///x?y=z", "s3://", "s3:bucket", "s3://bucket/folder", "s3://u:hunter2@bucket",
		"s3://bucket?use_path_style=perhaps", "s3://bucket?s3ForcePathStyle=perhaps", "s3://bucket?prefix=a", "s3://bucket?prefix=/a/", "s3://bucket?prefix=../", "s3://bucket?prefix=a//",
		"s3://u:hunter2@%zz",
	} {
		_, err := storage.PlaceOf(raw)
		require.Error(t, err, raw)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
