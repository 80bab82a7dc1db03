package livekit

import (
	"path"
	"strings"

	"github.com/livekit/protocol/livekit"
)

// Store is where the recorder puts its files: a bucket, else a folder of its own
// machine, else what its own configuration says.
type Store struct {
	S3  *S3    // nil for none
	Dir string // as the recorder names it; not read with a bucket
}

// S3 is a bucket and how the recorder gets at it.
type S3 struct {
	Bucket    string
	Region    string
	Endpoint  string // "" for AWS
	AccessKey string // secret; "" where the recorder has credentials of its own
	Secret    string // secret
	PathStyle bool   // the bucket is in the URL's path, not in its host
	Prefix    string // before each key, as Anteroom's own store has it
}

// filePath is how the recorder names the file with this key.
func (s Store) filePath(key string) string {
	if s.S3 != nil {
		return s.S3.Prefix + key
	}
	return path.Join(s.Dir, key)
}

// key is the key of the file that the recorder names so.
func (s Store) key(filePath string) string {
	if s.S3 != nil {
		return strings.TrimPrefix(filePath, s.S3.Prefix)
	}
	if s.Dir == "" {
		return filePath
	}
	return strings.TrimPrefix(filePath, strings.TrimSuffix(path.Clean(s.Dir), "/")+"/")
}

// upload is nil where there is no bucket.
func (s Store) upload() *livekit.S3Upload {
	if s.S3 == nil {
		return nil
	}
	return &livekit.S3Upload{
		Bucket: s.S3.Bucket, Region: s.S3.Region, Endpoint: s.S3.Endpoint,
		AccessKey: s.S3.AccessKey, Secret: s.S3.Secret, ForcePathStyle: s.S3.PathStyle,
	}
}

// config is the upload as the unified call takes it.
func (s Store) config() *livekit.StorageConfig {
	if s.S3 == nil {
		return nil
	}
	return &livekit.StorageConfig{Provider: &livekit.StorageConfig_S3{S3: s.upload()}}
}

// encoded is the output of the older calls that encode.
func (s Store) encoded(key string, fileType livekit.EncodedFileType) []*livekit.EncodedFileOutput {
	output := &livekit.EncodedFileOutput{FileType: fileType, Filepath: s.filePath(key), DisableManifest: true}
	if s.S3 != nil {
		output.Output = &livekit.EncodedFileOutput_S3{S3: s.upload()}
	}
	return []*livekit.EncodedFileOutput{output}
}

// direct is the output of the older call that does not.
func (s Store) direct(key string) *livekit.TrackEgressRequest_File {
	output := &livekit.DirectFileOutput{Filepath: s.filePath(key), DisableManifest: true}
	if s.S3 != nil {
		output.Output = &livekit.DirectFileOutput_S3{S3: s.upload()}
	}
	return &livekit.TrackEgressRequest_File{File: output}
}
