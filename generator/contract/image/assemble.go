package image

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract"
)

// saved is the configuration as engines save it.
type saved struct {
	Config  contract.ImageConfig
	History []history
	RootFS  struct {
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
}

type history struct {
	CreatedBy string `json:"created_by"`
	Empty     bool   `json:"empty_layer"`
}

// image puts together what was saved. Of several platforms it takes the one whose layers are all there.
func (a *archive) image() (*contract.Image, error) {
	var manifests []struct {
		Config string
		Layers []string
	}
	if err := json.Unmarshal(a.documents["manifest.json"], &manifests); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	for _, m := range manifests {
		var s saved
		i := &contract.Image{Raw: a.documents[path.Clean(m.Config)]}
		if err := json.Unmarshal(i.Raw, &s); err != nil || len(s.RootFS.DiffIDs) != len(m.Layers) {
			continue
		}
		i.Config = s.Config
		made := slices.DeleteFunc(s.History, func(h history) bool { return h.Empty })
		for n, name := range m.Layers {
			l := a.layer(path.Clean(name))
			if l == nil {
				i = nil
				break
			}
			layer := *l
			layer.DiffID = s.RootFS.DiffIDs[n]
			if len(made) == len(m.Layers) {
				layer.By = strings.TrimSpace(made[n].CreatedBy)
			}
			if layer.Unread != "" {
				i.Unread = layer.Unread
			}
			i.Layers = append(i.Layers, layer)
		}
		if i != nil {
			return i, nil
		}
	}
	return nil, errors.New("it contains no complete image")
}

// layer finds a layer by its name, also where several images share it by a link.
func (a *archive) layer(name string) *contract.Layer {
	for range 8 {
		if l := a.layers[name]; l != nil {
			return l
		}
		name = a.links[name]
	}
	return nil
}
