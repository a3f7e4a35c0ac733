package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// tree makes a directory with a program, a directory and a link.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, err := range []error{
		os.WriteFile(filepath.Join(dir, "program"), []byte("#!/bin/true"), 0o755),
		os.Mkdir(filepath.Join(dir, "conf"), 0o755),
		os.WriteFile(filepath.Join(dir, "conf", "a"), []byte("a"), 0o644),
		os.Symlink("program", filepath.Join(dir, "link")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// entries reads a tar file whole.
func entries(t *testing.T, data []byte) (contents map[string][]byte, headers map[string]*tar.Header) {
	t.Helper()
	contents, headers = map[string][]byte{}, map[string]*tar.Header{}
	for tr := tar.NewReader(bytes.NewReader(data)); ; {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return contents, headers
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		contents[header.Name], headers[header.Name] = content, header
	}
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

func buildIn(t *testing.T, layers ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "image.tar")
	args := []string{"-out", out, "-name", "localhost/x:1", "-entrypoint", `["/program"]`, "-cmd", `["manager"]`, "-user", "65532:65532", "-env", "A=b"}
	r, err := parse(append(args, layers...))
	if err != nil {
		t.Fatal(err)
	}
	if err := build(r); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every blob is under its digest.
func TestImageDigests(t *testing.T) {
	blobs, _ := entries(t, buildIn(t, tree(t)))
	for name, content := range blobs {
		sum := sha256.Sum256(content)
		if hash, ok := strings.CutPrefix(name, "blobs/sha256/"); ok && hash != hex.EncodeToString(sum[:]) {
			t.Errorf("blob %s has the digest %x", name, sum)
		}
	}
}

// What the index names leads to the configuration and the files.
func TestImage(t *testing.T) {
	blobs, _ := entries(t, buildIn(t, tree(t)))
	var i index
	decode(t, blobs["index.json"], &i)
	if len(i.Manifests) != 1 || i.Manifests[0].Annotations[imageName] != "localhost/x:1" {
		t.Fatalf("index %+v: want one manifest named localhost/x:1", i)
	}
	var m manifest
	decode(t, blobs[blobPath(i.Manifests[0].Digest)], &m)
	var c imageConfig
	decode(t, blobs[blobPath(m.Config.Digest)], &c)
	want := runConfig{User: "65532:65532", Env: []string{"A=b"}, Entrypoint: []string{"/program"}, Cmd: []string{"manager"}}
	if !reflect.DeepEqual(c.Config, want) {
		t.Errorf("configuration %+v: want %+v", c.Config, want)
	}
	if len(m.Layers) != 1 || c.RootFS.DiffIDs[0] != m.Layers[0].Digest {
		t.Fatalf("layers %+v, diff_ids %v: want one and the same", m.Layers, c.RootFS.DiffIDs)
	}
	checkLayer(t, blobs[blobPath(m.Layers[0].Digest)])
}

// checkLayer wants what tree made, root's and without times.
func checkLayer(t *testing.T, layer []byte) {
	t.Helper()
	files, headers := entries(t, layer)
	if string(files["conf/a"]) != "a" || headers["program"].Mode != 0o755 || headers["link"].Linkname != "program" {
		t.Errorf("layer %v: want conf/a, an executable program and a link to it", headers)
	}
	for name, header := range headers {
		if header.Uid != 0 || header.ModTime.Unix() > 0 {
			t.Errorf("%s belongs to %d, time %s: want root and none", name, header.Uid, header.ModTime)
		}
	}
}

// The same files make the same image, though written at another time; a layer that is a file is taken as it is.
func TestImageIsReproducible(t *testing.T) {
	first, second := buildIn(t, tree(t)), buildIn(t, tree(t))
	if !bytes.Equal(first, second) {
		t.Error("two images of the same files differ")
	}
	file := filepath.Join(t.TempDir(), "layer.tar")
	var packed bytes.Buffer
	if err := errors.Join(pack(tree(t), &packed), os.WriteFile(file, packed.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(buildIn(t, file, file), buildIn(t, tree(t), file)) {
		t.Error("a directory and the tar file of the same content make different layers")
	}
}

func TestParseErrors(t *testing.T) {
	good := []string{"-out", "o", "-name", "n:1", "-entrypoint", `["/p"]`, "layer"}
	for _, test := range []struct {
		want string
		args []string
	}{
		{"-out is missing", good[2:]},
		{"want NAME:TAG", append([]string{"-out", "o", "-name", "n"}, good[4:]...)},
		{"-entrypoint is missing", []string{"-out", "o", "-name", "n:1", "layer"}},
		{"no layer", good[:6]},
		{"want a JSON list", append([]string{"-cmd", "manager"}, good...)},
		{"want NAME=VALUE", append([]string{"-env", "A"}, good...)},
	} {
		if _, err := parse(test.args); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("parse %q: error %v, want %q in it", test.args, err, test.want)
		}
	}
}

func TestBuildOfNothing(t *testing.T) {
	out := filepath.Join(t.TempDir(), "image.tar")
	err := build(request{out: out, name: "n:1", entrypoint: []string{"/p"}, layers: []string{"nowhere"}})
	if err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v: want one that names the layer that is not there", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file is left of an image that failed")
	}
}
