package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

// storageFlags are the settings of where recordings are. A command that runs
// Anteroom embeds them and fills its Config by them.
type storageFlags struct {
	storeFlags `embed:""`

	RecorderFolder       string        `help:"The folder of --storage-url as LiveKit's recorder names it, where that is another path." env:"ANTEROOM_RECORDER_FOLDER" placeholder:"DIR"`
	StorageArchiveAfter  time.Duration `help:"How long files stay in the folder before they are moved to --storage-archive-url." default:"720h" env:"ANTEROOM_STORAGE_ARCHIVE_AFTER" placeholder:"DURATION"`
	StorageLinkLifetime  time.Duration `help:"How long a link to a file is good, up to 168h." default:"15m" env:"ANTEROOM_STORAGE_LINK_LIFETIME" placeholder:"DURATION"`
	StorageWebhookToken  string        `help:"What a store's notifications have to have in Authorization; none are taken without." env:"ANTEROOM_STORAGE_WEBHOOK_TOKEN" placeholder:"TOKEN" secret:""`
	StorageNotifications string        `help:"Queue of SQS with a bucket's notifications: awssqs://sqs.REGION.amazonaws.com/ACCOUNT/NAME?region=REGION." env:"ANTEROOM_STORAGE_NOTIFICATIONS" placeholder:"URL"`
}

// storeFlags say how a store is reached.
type storeFlags struct {
	StorageURL        string `help:"Where recordings are: file:///DIR, or s3://BUCKET?region=REGION with endpoint=URL, use_path_style=true, prefix=FOLDER/ and public_endpoint=URL where they are needed." env:"ANTEROOM_STORAGE_URL" placeholder:"URL"`
	StorageArchiveURL string `help:"The bucket that a folder's files are moved to in the end, as s3://…" env:"ANTEROOM_STORAGE_ARCHIVE_URL" placeholder:"URL"`
	StorageAccessKey  string `help:"The buckets' access key, for Anteroom and the recorder. Without it each looks where programs of AWS do." env:"ANTEROOM_STORAGE_ACCESS_KEY" placeholder:"KEY" secret:""`
	StorageSecretKey  string `help:"Its secret." env:"ANTEROOM_STORAGE_SECRET_KEY" placeholder:"SECRET" secret:""`
}

// store is how Anteroom gets at the files.
func (f storeFlags) store() (storage.Config, error) {
	if (f.StorageAccessKey == "") != (f.StorageSecretKey == "") {
		return storage.Config{}, errors.New("--storage-access-key and --storage-secret-key go together")
	}
	return storage.Config{
		URL: f.StorageURL, ArchiveURL: f.StorageArchiveURL, AccessKey: f.StorageAccessKey, SecretKey: f.StorageSecretKey,
	}, nil
}

// recorderStore is how LiveKit's recorder gets at them: to the same place under the
// same keys.
func (f storageFlags) recorderStore() (livekit.Store, error) {
	place, err := storage.PlaceOf(f.StorageURL)
	if err != nil {
		return livekit.Store{}, err
	}
	if place.Folder != "" {
		if f.RecorderFolder != "" {
			place.Folder = f.RecorderFolder
		}
		return livekit.Store{Dir: place.Folder}, nil
	}
	if f.RecorderFolder != "" {
		return livekit.Store{}, errors.New("--recorder-folder is for recordings in a folder, and not in a bucket")
	}
	return livekit.Store{S3: &livekit.S3{
		Bucket: place.Bucket, Region: place.Region, Endpoint: place.Endpoint, Prefix: place.Prefix, PathStyle: place.PathStyle,
		AccessKey: f.StorageAccessKey, Secret: f.StorageSecretKey,
	}}, nil
}

// fillStorage sets all that has to do with files, for Anteroom and for the recorder.
func (f storageFlags) fillStorage(c *Config) error {
	store, err := f.store()
	problems := []error{err, f.checkStorage(), storage.CheckURL(context.Background(), f.StorageURL)}
	c.LiveKit.Store, err = f.recorderStore()
	if err := errors.Join(append(problems, err)...); err != nil {
		return err
	}
	store.PublicURL, store.Secret, store.Clock = c.Storage.PublicURL, c.Secret, c.Clock
	c.Storage = store
	c.Recording.LinkLifetime, c.Recording.ArchiveAfter = f.StorageLinkLifetime, f.StorageArchiveAfter
	c.StorageToken, c.StorageQueue = f.StorageWebhookToken, f.StorageNotifications
	return nil
}

// checkNoStorage finds settings that mean nothing where there is no store.
func (f storageFlags) checkNoStorage() error {
	for _, s := range []struct{ name, value string }{
		{"storage-archive-url", f.StorageArchiveURL}, {"storage-notifications", f.StorageNotifications}, {"recorder-folder", f.RecorderFolder},
		{"storage-webhook-token", f.StorageWebhookToken}, {"storage-access-key", f.StorageAccessKey}, {"storage-secret-key", f.StorageSecretKey},
	} {
		if s.value != "" {
			return fmt.Errorf("--storage-url is not said, and --%s means nothing without it", s.name)
		}
	}
	return nil
}

// checkStorage finds what is wrong with the settings besides those of the store itself.
func (f storageFlags) checkStorage() error {
	var problems []error
	wrong := func(is bool, problem string) {
		if is {
			problems = append(problems, errors.New(problem))
		}
	}
	wrong(f.StorageLinkLifetime < time.Second || f.StorageLinkLifetime > storage.MaxExpiry, "--storage-link-lifetime is from one second to 168h")
	wrong(f.StorageArchiveAfter < 0, "--storage-archive-after is no time")
	if f.StorageArchiveURL != "" {
		err := storage.CheckURL(context.Background(), f.StorageArchiveURL)
		wrong(err != nil, fmt.Sprintf("--storage-archive-url: %v", err))
		place, _ := storage.PlaceOf(f.StorageURL)
		wrong(place.Bucket != "", "--storage-archive-url is for recordings in a folder, and not in a bucket")
	}
	if f.StorageNotifications != "" {
		_, err := storage.NewQueue(f.StorageNotifications, nil, nil)
		wrong(err != nil, fmt.Sprintf("--storage-notifications: %v", err))
	}
	return errors.Join(problems...)
}
