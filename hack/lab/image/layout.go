package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// Media types of the OCI image specification, version 1.
const (
	mediaIndex    = "application/vnd.oci.image.index.v1+json"
	mediaManifest = "application/vnd.oci.image.manifest.v1+json"
	mediaConfig   = "application/vnd.oci.image.config.v1+json"
	mediaLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// imageName is containerd's annotation for the full name; the specification has one for the tag alone.
const imageName = "io.containerd.image.name"

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []descriptor `json:"manifests"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

type imageConfig struct {
	Architecture string    `json:"architecture"`
	OS           string    `json:"os"`
	Config       runConfig `json:"config"`
	RootFS       rootFS    `json:"rootfs"`
}

type runConfig struct {
	User       string   `json:"User,omitempty"`
	Env        []string `json:"Env,omitempty"`
	Entrypoint []string `json:"Entrypoint"`
	Cmd        []string `json:"Cmd,omitempty"`
}

type rootFS struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids"`
}

// build writes the image; the file appears whole or not at all.
func build(r request) (err error) {
	work, err := os.MkdirTemp(filepath.Dir(r.out), ".image-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	partial := filepath.Join(work, "image.tar")
	if err := writeImage(r, work, partial); err != nil {
		return err
	}
	return os.Rename(partial, r.out)
}

func writeImage(r request, work, path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := &layout{tw: tar.NewWriter(f), written: map[string]bool{}}
	m := manifest{SchemaVersion: 2, MediaType: mediaManifest}
	var diffIDs []string
	for _, layer := range r.layers {
		file, err := layerFile(layer, work)
		if err != nil {
			return err
		}
		d, err := out.blobFile(file)
		if err != nil {
			return err
		}
		m.Layers = append(m.Layers, d)
		diffIDs = append(diffIDs, d.Digest) // not compressed: the digest of the content is that of the blob
	}
	m.Config, err = out.blob(mediaConfig, imageConfig{
		Architecture: runtime.GOARCH, OS: "linux",
		Config: runConfig{User: r.user, Env: r.env, Entrypoint: r.entrypoint, Cmd: r.cmd},
		RootFS: rootFS{Type: "layers", DiffIDs: diffIDs},
	})
	if err != nil {
		return err
	}
	d, err := out.blob(mediaManifest, m)
	if err != nil {
		return err
	}
	d.Annotations = map[string]string{imageName: r.name}
	return out.finish(index{SchemaVersion: 2, MediaType: mediaIndex, Manifests: []descriptor{d}})
}

// layout is a tar file in the making.
type layout struct {
	tw      *tar.Writer
	written map[string]bool // digests
}

// blob adds a value as JSON and describes it.
func (l *layout) blob(mediaType string, value any) (descriptor, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return descriptor{}, err
	}
	sum := sha256.Sum256(data)
	d := descriptor{MediaType: mediaType, Digest: "sha256:" + hex.EncodeToString(sum[:]), Size: int64(len(data))}
	return d, l.add(blobPath(d.Digest), data)
}

// blobFile adds a layer, read twice: its name is its digest. A layer that is named twice is written once.
func (l *layout) blobFile(path string) (d descriptor, err error) {
	f, err := os.Open(path)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	size, err := io.Copy(hash, f)
	if err != nil {
		return d, fmt.Errorf("read %s: %w", path, err)
	}
	d = descriptor{MediaType: mediaLayer, Digest: "sha256:" + hex.EncodeToString(hash.Sum(nil)), Size: size}
	if l.written[d.Digest] {
		return d, nil
	}
	l.written[d.Digest] = true
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return d, err
	}
	if err := l.tw.WriteHeader(&tar.Header{Name: blobPath(d.Digest), Mode: 0o644, Size: size}); err != nil {
		return d, err
	}
	_, err = io.Copy(l.tw, f)
	return d, err
}

func (l *layout) finish(i index) error {
	data, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return errors.Join(
		l.add("index.json", data),
		l.add("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)),
		l.tw.Close(),
	)
}

func (l *layout) add(name string, data []byte) error {
	if err := l.tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
		return err
	}
	_, err := l.tw.Write(data)
	return err
}

// blobPath is where the layout keeps a digest sha256:<hex>.
func blobPath(digest string) string { return "blobs/sha256/" + digest[len("sha256:"):] }
