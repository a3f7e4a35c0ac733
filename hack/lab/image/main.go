// Command image writes a container image as a tar file with the OCI image layout, from directories and layer files, without
// a container daemon.
//
//	image -out FILE -name NAME:TAG -entrypoint '["/program"]' [-cmd '["argument"]'] [-user UID:GID] [-env NAME=VALUE]… LAYER…
//
// A LAYER is a tar file, taken as it is, or a directory, whose content becomes the layer: owned by root and without times,
// so that the same files make the same image.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

// request is what the command line asks for.
type request struct {
	out, name  string
	entrypoint []string
	cmd        []string
	user       string
	env        []string
	layers     []string
}

func main() {
	r, err := parse(os.Args[1:])
	if err == nil {
		err = build(r)
	}
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func parse(args []string) (request, error) {
	var r request
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&r.out, "out", "", "file to write")
	flags.StringVar(&r.name, "name", "", "name and tag of the image, such as localhost/flink:1.18.1")
	flags.StringVar(&r.user, "user", "", "user and group, in numbers; none means root")
	flags.Func("entrypoint", "program and first arguments, as a JSON list", list(&r.entrypoint))
	flags.Func("cmd", "arguments that a pod may replace, as a JSON list", list(&r.cmd))
	flags.Func("env", "variable, NAME=VALUE; may be repeated", func(text string) error {
		if name, _, ok := strings.Cut(text, "="); !ok || name == "" {
			return fmt.Errorf("%q: want NAME=VALUE", text)
		}
		r.env = append(r.env, text)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return r, err
	}
	r.layers = flags.Args()
	switch {
	case r.out == "":
		return r, errors.New("-out is missing: the file to write")
	case !strings.Contains(r.name, ":"):
		return r, fmt.Errorf("-name %q: want NAME:TAG", r.name)
	case len(r.entrypoint) == 0:
		return r, errors.New(`-entrypoint is missing: a JSON list, such as ["/program"]`)
	case len(r.layers) == 0:
		return r, errors.New("no layer: name at least one directory or tar file")
	}
	return r, nil
}

func list(into *[]string) func(string) error {
	return func(text string) error {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return fmt.Errorf(`%q: want a JSON list of strings, such as ["/program"]: %w`, text, err)
		}
		return nil
	}
}
