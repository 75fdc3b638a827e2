// Package atomicfile writes files that take their name only when they are complete
// and on disk: whoever opens the name finds the old content or the new, also after a
// crash, and a failed write leaves nothing behind. It must not know what the files hold.
//
// The bytes go to a temporary file in the same folder, since a rename is atomic only
// within one file system. Links go on pointing to where they did, an older file keeps
// its mode, and what is not a regular file (a folder, a device, a pipe) is refused,
// since the rename would put a file in its place.
package atomicfile
