package files

import "os"

// A WorkDir is the working directory of the process, by its name. The directory of that
// name may be removed and made again, or a link to it be led elsewhere, while the process
// stays in the old one: relative paths then lead nowhere, or to old files.
type WorkDir struct{ name string }

// CurrentDir returns the working directory. Its name is that of $PWD if that leads to
// it, so that [WorkDir.Return] follows its links again.
func CurrentDir() (WorkDir, error) {
	name, err := os.Getwd()
	return WorkDir{name}, err
}

// Name returns the absolute path.
func (d WorkDir) Name() string { return d.name }

// Return makes the directory that has the name now the working directory. It must not
// be called while other goroutines use relative paths. If there is no such directory, it
// returns an error and changes nothing.
func (d WorkDir) Return() error {
	named, err := os.Stat(d.name)
	if err != nil {
		return err
	}
	if current, err := os.Stat("."); err == nil && os.SameFile(named, current) {
		return nil
	}
	return os.Chdir(d.name)
}
