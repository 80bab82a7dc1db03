package storage

import (
	"path"
	"strings"
)

// anyType is what a browser saves and never shows.
const anyType = "application/octet-stream"

// contentTypes are those of what is recorded. Nothing in the list is a page
// that a browser would run.
var contentTypes = map[string]string{
	".m4a":  "audio/mp4",
	".mp3":  "audio/mpeg",
	".mp4":  "video/mp4",
	".ogg":  "audio/ogg",
	".webm": "video/webm",
	".json": "application/json",
	".txt":  "text/plain; charset=utf-8",
	".vtt":  "text/vtt; charset=utf-8",
}

func contentType(key string) string {
	if t, ok := contentTypes[strings.ToLower(path.Ext(key))]; ok {
		return t
	}
	return anyType
}
