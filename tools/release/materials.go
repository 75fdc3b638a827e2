package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// materials writes the list of the modules in a binary. It names the program that made
// it, but not that program's hashes, which follow from where its sources lay.
func materials(path, binary string) error {
	text, err := output("go", "tool", "-modfile=tools/go.mod", "cyclonedx-gomod", "bin", "-json", "-noserial", "-notimestamp", binary)
	if err != nil {
		return err
	}
	var list map[string]any
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	metadata, _ := list["metadata"].(map[string]any)
	tools, _ := metadata["tools"].([]any)
	if len(tools) == 0 {
		return fmt.Errorf("%s: no metadata.tools: look where cyclonedx-gomod writes its hashes now", path)
	}
	for _, tool := range tools {
		if fields, ok := tool.(map[string]any); ok {
			delete(fields, "hashes")
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(list); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o644)
}
