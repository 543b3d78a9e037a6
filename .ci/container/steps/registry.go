package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dockerflow/.ci/process"
)

// The account of the registry, and its line in the registry's file of passwords.
const (
	user, password = "ci", "secret"
	account        = "ci:$2y$05$/ML3kXYj0L5nZJPClSnfUO5J6C9GECSkbihBl7bLhhOo1dgjvHuSe"
)

// registry is Debian's docker-registry, which keeps all in memory.
type registry struct {
	*process.Process
	work, address string
}

func (r *registry) start(ctx context.Context) error {
	port, err := process.FreePort()
	if err != nil {
		return err
	}
	r.address = fmt.Sprintf("127.0.0.1:%d", port)
	passwords, config := filepath.Join(r.work, "passwords"), filepath.Join(r.work, "registry.yml")
	text := fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {inmemory: {}}\n"+
		"http: {addr: %q}\nauth: {htpasswd: {realm: ci, path: %q}}\n", r.address, passwords)
	err = errors.Join(os.WriteFile(passwords, []byte(account+"\n"), 0o644), os.WriteFile(config, []byte(text), 0o644))
	if err != nil {
		return err
	}
	if r.Process, err = process.Start(r.work, []string{"docker-registry", "serve", config}, os.Stdout, os.Stdout); err != nil {
		return err
	}
	if err := r.Await(ctx, port, time.Minute); err != nil {
		r.Kill()
		return fmt.Errorf("the registry %w", err)
	}
	return nil
}

// digests returns the digests by which an engine may know an image: of what was pushed, and of its configuration.
func (r *registry) digests(ctx context.Context, image string) ([]string, error) {
	name, tag, _ := strings.Cut(image, ":")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.address+"/v2/"+name+"/manifests/"+tag, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(user, password)
	req.Header["Accept"] = []string{
		"application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
		"application/vnd.docker.distribution.manifest.v2+json",
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the registry has no %s: %s", image, data)
	}
	var manifest struct{ Config struct{ Digest string } }
	err = json.Unmarshal(data, &manifest)
	return []string{fmt.Sprintf("sha256:%x", sha256.Sum256(data)), manifest.Config.Digest}, err
}
