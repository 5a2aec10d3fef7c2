package emulator

import (
	"path"

	"fleet/internal/emulator/toolbox"
	"fleet/internal/emulator/world"
)

// uploadFile writes one file to a sandbox.
func (c *call) uploadFile() (reply, error) {
	name, err := c.pathOfFile()
	if err != nil {
		return reply{}, err
	}
	content, err := toolbox.Upload(c.header.Get("Content-Type"), c.body)
	if err != nil {
		return reply{}, err
	}
	sb, err := c.useRunningSandbox()
	if err != nil {
		return reply{}, err
	}
	if err := c.WriteFiles(sb, []world.NewFile{{Path: name, Content: content}}); err != nil {
		return reply{}, err
	}
	at := sb.FilePath(name)
	return reply{status: success, body: map[string]string{"name": path.Base(at), "path": at, "type": "file"}}, nil
}

// uploadFiles writes several files to a sandbox, or none.
func (c *call) uploadFiles() (reply, error) {
	list, err := toolbox.Uploads(c.header.Get("Content-Type"), c.body)
	if err != nil {
		return reply{}, err
	}
	sb, err := c.useRunningSandbox()
	if err != nil {
		return reply{}, err
	}
	return reply{status: success}, c.WriteFiles(sb, list)
}

// setPermissions sets the mode of a file.
func (c *call) setPermissions() (reply, error) {
	sb, name, err := c.useFile()
	if err != nil {
		return reply{}, err
	}
	mode := ""
	if list := c.query["mode"]; len(list) > 0 {
		mode = list[0]
	}
	return reply{status: success}, c.SetFileMode(sb, name, mode)
}

// downloadFile returns the content of a file.
func (c *call) downloadFile() (reply, error) {
	sb, name, err := c.useFile()
	if err != nil {
		return reply{}, err
	}
	content, err := c.ReadFile(sb, name, maxToolboxBody)
	if err != nil {
		return reply{}, err
	}
	return reply{status: success, file: &file{"application/octet-stream", content}}, nil
}

// downloadFiles returns a form with the contents of several files, and with the reasons
// why others are missing.
func (c *call) downloadFiles() (reply, error) {
	paths := c.input.List("paths")
	if c.input.Err() != nil || len(paths) == 0 {
		return reply{}, world.BadRequest("paths is required")
	}
	if len(paths) > toolbox.MaxFiles {
		return reply{}, world.BadRequest("a request may have at most %d files", toolbox.MaxFiles)
	}
	sb, err := c.useRunningSandbox()
	if err != nil {
		return reply{}, err
	}
	bundle := toolbox.NewBundle()
	for _, p := range paths {
		name, ok := p.(string)
		if !ok || name == "" {
			return reply{}, world.BadRequest("each path must be a text")
		}
		if content, err := c.ReadFile(sb, name, maxToolboxBody-bundle.Size()); err != nil {
			bundle.AddError(name, err)
		} else {
			bundle.Add(name, content)
		}
	}
	contentType, body := bundle.Close()
	return reply{status: success, file: &file{contentType, body}}, nil
}

// useFile returns the sandbox, which has to run, and the parameter path.
func (c *call) useFile() (*world.Sandbox, string, error) {
	name, err := c.pathOfFile()
	if err != nil {
		return nil, "", err
	}
	sb, err := c.useRunningSandbox()
	return sb, name, err
}

// pathOfFile returns the parameter path.
func (c *call) pathOfFile() (string, error) {
	if list := c.query["path"]; len(list) == 1 && list[0] != "" {
		return list[0], nil
	}
	return "", world.BadRequest("path is required")
}
